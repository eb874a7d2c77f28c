using System.Runtime.InteropServices;
using System.Text;

namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>
/// A way of calling a session: names settled once, tensors set as needed, nothing allocated when it runs. One thread at a time. The
/// tensors stay the caller's; a call holds on to them while it runs, and on to the session's weights until it is disposed of.
/// </summary>
public sealed unsafe class OrtCall : IDisposable
{
    private readonly OrtSession _session;
    private readonly OrtTensor?[] _inputs;
    private readonly OrtTensor?[] _outputs;
    private readonly nint[] _inputValues;
    private readonly nint[] _outputValues;
    private readonly nint[] _runtimeValues;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> _run;
    private byte* _names;
    private byte** _namePointers;

    /// <summary>Prepares a call.</summary>
    /// <param name="session">What to run.</param>
    /// <param name="inputs">Names of the graph's inputs, in the order in which <see cref="SetInput"/> counts them.</param>
    /// <param name="outputs">Names of the outputs that are wanted, likewise.</param>
    public OrtCall(OrtSession session, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        RequireNames(session, "input", inputs, session.Inputs);
        RequireNames(session, "output", outputs, session.Outputs);
        bool held = false;
        session.DangerousAddRef(ref held);
        _session = session;
        _inputs = new OrtTensor?[inputs.Count];
        _outputs = new OrtTensor?[outputs.Count];
        _inputValues = new nint[inputs.Count];
        _outputValues = new nint[outputs.Count];
        _runtimeValues = new nint[outputs.Count];
        _run = (delegate* unmanaged[Cdecl]<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)OrtApi.At(OrtFunction.Run);
        StoreNames([.. inputs, .. outputs]);
    }

    /// <summary>Frees the names when nobody disposed of the call.</summary>
    ~OrtCall()
    {
        FreeNative();
    }

    /// <summary>Sets an input.</summary>
    /// <param name="index">Position in the list of names.</param>
    /// <param name="tensor">What it reads; its shape counts when the call runs.</param>
    public void SetInput(int index, OrtTensor tensor)
    {
        _inputs[index] = tensor;
    }

    /// <summary>Sets where an output goes. Null: the runtime allocates it, and it can be read until the next run.</summary>
    /// <param name="index">Position in the list of names.</param>
    /// <param name="tensor">Of exactly the shape that the graph will give.</param>
    public void SetOutput(int index, OrtTensor? tensor)
    {
        _outputs[index] = tensor;
    }

    /// <summary>Runs the graph on the calling thread.</summary>
    /// <param name="options">By which another thread may end it, or null.</param>
    /// <exception cref="OnnxException">The runtime failed, a tensor did not fit, or the call was ended.</exception>
    public void Run(OrtRunOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_names is null, this);
        FreeRuntimeValues();
        Collect(_inputs, _inputValues, "input", allowMissing: false);
        Collect(_outputs, _outputValues, "output", allowMissing: true);
        nint status;
        fixed (nint* inputs = _inputValues, outputs = _outputValues)
        {
            status = _run(
                _session.DangerousGetHandle(),
                options?.DangerousGetHandle() ?? 0,
                _namePointers,
                inputs,
                (nuint)_inputs.Length,
                _namePointers + _inputs.Length,
                (nuint)_outputs.Length,
                outputs);
        }

        GC.KeepAlive(_inputs);
        GC.KeepAlive(_outputs);
        GC.KeepAlive(_session);
        GC.KeepAlive(options);
        GC.KeepAlive(this);
        OrtApi.Check(status, "running a graph");
        for (int i = 0; i < _outputs.Length; i++)
        {
            _runtimeValues[i] = _outputs[i] is null ? _outputValues[i] : 0;
        }
    }

    /// <summary>Shape of an output that the runtime allocated in the last run.</summary>
    /// <param name="index">Position in the list of names.</param>
    public long[] OutputShape(int index)
    {
        return OrtShape.ReadValue(RuntimeValue(index)).Shape;
    }

    /// <summary>Elements of an output that the runtime allocated in the last run; gone with the next one.</summary>
    /// <typeparam name="T">What they are.</typeparam>
    /// <param name="index">Position in the list of names.</param>
    public ReadOnlySpan<T> OutputSpan<T>(int index)
        where T : unmanaged
    {
        nint value = RuntimeValue(index);
        void* data;
        OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, void**, nint>)OrtApi.At(OrtFunction.GetTensorMutableData))(value, &data), "reading an output");
        long length = 1;
        foreach (long dimension in OrtShape.ReadValue(value).Shape)
        {
            length *= dimension;
        }

        return new ReadOnlySpan<T>(data, checked((int)length));
    }

    /// <summary>Frees what the runtime allocated and the names; tensors stay.</summary>
    public void Dispose()
    {
        FreeNative();
        GC.SuppressFinalize(this);
    }

    private static void RequireNames(OrtSession session, string kind, IReadOnlyList<string> wanted, IReadOnlyList<OrtValueInfo> present)
    {
        foreach (string name in wanted)
        {
            bool found = false;
            foreach (OrtValueInfo info in present)
            {
                found |= info.Name == name;
            }

            if (!found)
            {
                throw new OnnxException($"'{session.Path}' has no {kind} '{name}'; it has {string.Join(", ", present.Select(info => info.Name))}.");
            }
        }
    }

    private static void Collect(OrtTensor?[] tensors, nint[] values, string kind, bool allowMissing)
    {
        for (int i = 0; i < tensors.Length; i++)
        {
            if (tensors[i] is { } tensor)
            {
                ObjectDisposedException.ThrowIf(tensor.IsClosed, tensor);
                values[i] = tensor.Value;
            }
            else
            {
                values[i] = allowMissing ? 0 : throw new InvalidOperationException($"The call's {kind} {i} has not been set.");
            }
        }
    }

    private nint RuntimeValue(int index)
    {
        return _runtimeValues[index] is not 0 and var value
            ? value
            : throw new InvalidOperationException($"Output {index} was not allocated by the runtime, or nothing has run yet.");
    }

    private void StoreNames(string[] names)
    {
        int total = 0;
        foreach (string name in names)
        {
            total += Encoding.UTF8.GetByteCount(name) + 1;
        }

        _names = (byte*)NativeMemory.AllocZeroed((nuint)total);
        _namePointers = (byte**)NativeMemory.Alloc((nuint)names.Length, (nuint)sizeof(byte*));
        int at = 0;
        for (int i = 0; i < names.Length; i++)
        {
            _namePointers[i] = _names + at;
            at += Encoding.UTF8.GetBytes(names[i], new Span<byte>(_names + at, total - at)) + 1;
        }
    }

    private void FreeRuntimeValues()
    {
        for (int i = 0; i < _runtimeValues.Length; i++)
        {
            if (_runtimeValues[i] != 0)
            {
                OrtApi.Release(OrtFunction.ReleaseValue, _runtimeValues[i]);
                _runtimeValues[i] = 0;
            }
        }
    }

    private void FreeNative()
    {
        if (_runtimeValues is not null)
        {
            FreeRuntimeValues();
        }

        if (_names is not null)
        {
            _session.DangerousRelease();
        }

        NativeMemory.Free(_names);
        NativeMemory.Free(_namePointers);
        _names = null;
        _namePointers = null;
    }
}
