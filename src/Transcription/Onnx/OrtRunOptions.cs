using System.Runtime.InteropServices;
using AsrHub.Rtc.Crypto;

namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>The handle by which another thread ends a running call.</summary>
public sealed unsafe class OrtRunOptions : SafeHandle
{
    private volatile bool _isTerminated;

    /// <summary>Makes one.</summary>
    public OrtRunOptions()
        : base(0, ownsHandle: true)
    {
        nint created;
        OrtApi.Check(((delegate* unmanaged[Cdecl]<nint*, nint>)OrtApi.At(OrtFunction.CreateRunOptions))(&created), "making run options");
        SetHandle(created);
        NativeHandles.Opened();
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Whether <see cref="Terminate"/> was called and not taken back.</summary>
    internal bool IsTerminated => _isTerminated;

    /// <summary>Calls that run with these options, now or later, fail as soon as the operator in progress is done.</summary>
    public void Terminate()
    {
        _isTerminated = true;
        Call(OrtFunction.RunOptionsSetTerminate);
    }

    /// <summary>Takes <see cref="Terminate"/> back.</summary>
    public void Reset()
    {
        _isTerminated = false;
        Call(OrtFunction.RunOptionsUnsetTerminate);
    }

    /// <summary>For code of our own that takes long: ends it if <see cref="Terminate"/> was called.</summary>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public void ThrowIfTerminated()
    {
        if (_isTerminated)
        {
            throw new OperationCanceledException("The pass was ended.");
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        OrtApi.Release(OrtFunction.ReleaseRunOptions, handle);
        NativeHandles.Closed();
        return true;
    }

    private void Call(OrtFunction function)
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, nint>)OrtApi.At(function))(handle), "ending a call");
        }
        finally
        {
            if (held)
            {
                DangerousRelease();
            }
        }
    }
}
