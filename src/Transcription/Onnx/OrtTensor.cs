using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AsrHub.Rtc.Crypto;
using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>
/// A tensor over native memory of our own. The runtime reads and writes it in place, and its shape can change within (or grow beyond) the
/// memory it has, so a loop over growing sequences copies and allocates nothing.
/// </summary>
public sealed unsafe class OrtTensor : SafeHandle
{
    private const int MaxRank = 8;
    private const nuint Alignment = 64;

    private readonly long[] _shape = new long[MaxRank];
    private readonly int _elementSize;
    private readonly delegate* unmanaged[Cdecl]<nint, void*, nuint, long*, nuint, OrtElementType, nint*, nint> _create;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _release;
    private readonly nint _memoryInfo;
    private readonly MemoryAccount? _account = MemoryAccount.Current;
    private int _rank;
    private void* _memory;
    private nuint _capacity;

    /// <summary>Makes a zeroed tensor.</summary>
    /// <param name="type">Type of its elements.</param>
    /// <param name="shape">Its first shape; a dimension may be 0, and no dimensions make a scalar.</param>
    public OrtTensor(OrtElementType type, ReadOnlySpan<long> shape)
        : base(0, ownsHandle: true)
    {
        Type = type;
        _elementSize = type switch
        {
            OrtElementType.Float or OrtElementType.Int32 => 4,
            OrtElementType.Int64 => 8,
            OrtElementType.UInt8 or OrtElementType.Int8 or OrtElementType.Bool => 1,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Tensors of this type are not used here."),
        };
        _create = (delegate* unmanaged[Cdecl]<nint, void*, nuint, long*, nuint, OrtElementType, nint*, nint>)OrtApi.At(OrtFunction.CreateTensorWithDataAsOrtValue);
        _release = (delegate* unmanaged[Cdecl]<nint, void>)OrtApi.At(OrtFunction.ReleaseValue);
        _memoryInfo = OrtEnvironment.CpuMemory;
        _rank = -1;
        SetShape(shape);
        NativeHandles.Opened();
    }

    /// <summary>Type of the elements.</summary>
    public OrtElementType Type { get; }

    /// <summary>The present shape.</summary>
    public ReadOnlySpan<long> Shape => _shape.AsSpan(0, _rank);

    /// <summary>Number of elements in the present shape.</summary>
    public int Length { get; private set; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    internal nint Value => handle;

    /// <summary>
    /// Gives the tensor another shape. Memory is kept while it is large enough (elements stay where they lie); when it has to grow, the old
    /// contents are gone.
    /// </summary>
    /// <param name="shape">The new shape.</param>
    public void SetShape(ReadOnlySpan<long> shape)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (shape.Length > MaxRank)
        {
            throw new ArgumentException($"A tensor has at most {MaxRank} dimensions here, not {shape.Length}.", nameof(shape));
        }

        if (shape.Length == _rank && shape.SequenceEqual(Shape))
        {
            return;
        }

        long length = 1;
        foreach (long dimension in shape)
        {
            length = dimension >= 0
                ? checked(length * dimension)
                : throw new ArgumentException($"A dimension is {dimension}.", nameof(shape));
        }

        nuint bytes = checked((nuint)(length * _elementSize));
        Free();
        Reserve(bytes);
        shape.CopyTo(_shape);
        _rank = shape.Length;
        Length = checked((int)length);
        nint value;
        fixed (long* dimensions = _shape)
        {
            OrtApi.Check(_create(_memoryInfo, _memory, bytes, dimensions, (nuint)_rank, Type, &value), "making a tensor");
        }

        SetHandle(value);
    }

    /// <summary>Makes room for a number of elements, so that shapes up to it need no new memory. Contents are lost when it has to grow.</summary>
    /// <param name="elements">How many.</param>
    public void ReserveElements(int elements)
    {
        nuint bytes = checked((nuint)elements * (nuint)_elementSize);
        if (bytes > _capacity)
        {
            long[] shape = Shape.ToArray();
            Free();
            Reserve(bytes);
            _rank = -1;
            SetShape(shape);
        }
    }

    /// <summary>The elements, in place.</summary>
    /// <typeparam name="T">What they are; as wide as <see cref="Type"/>.</typeparam>
    public Span<T> Span<T>()
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (Unsafe.SizeOf<T>() != _elementSize)
        {
            throw new InvalidOperationException($"A tensor of {Type} cannot be read as {typeof(T).Name}.");
        }

        return new Span<T>(_memory, Length);
    }

    /// <summary>The elements that the memory has room for, whatever the shape. For moving contents before a change of shape.</summary>
    /// <typeparam name="T">What they are; as wide as <see cref="Type"/>.</typeparam>
    public Span<T> Memory<T>()
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return new Span<T>(_memory, (int)(_capacity / (nuint)Unsafe.SizeOf<T>()));
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _release(handle);
        NativeMemory.AlignedFree(_memory);
        _account?.Add(-(long)_capacity);
        NativeHandles.Closed();
        return true;
    }

    private void Free()
    {
        if (handle != 0)
        {
            _release(handle);
            SetHandle(0);
        }
    }

    private void Reserve(nuint bytes)
    {
        if (_memory is not null && bytes <= _capacity)
        {
            return;
        }

        NativeMemory.AlignedFree(_memory);
        _account?.Add(-(long)_capacity);
        _capacity = Math.Max((bytes + Alignment - 1) / Alignment * Alignment, Alignment);
        _memory = NativeMemory.AlignedAlloc(_capacity, Alignment);
        _account?.Add((long)_capacity);
        NativeMemory.Clear(_memory, _capacity);
    }
}
