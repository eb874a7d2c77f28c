using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>Wakes a loop that waits in <c>poll</c>: an eventfd. Any thread may signal.</summary>
internal sealed unsafe class WakeEvent : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly int _descriptor;
    private int _isSignalled;

    public WakeEvent()
    {
        _descriptor = LibC.EventFd(0, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC);
        if (_descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _handle = new SafeFileHandle(_descriptor, ownsHandle: true);
    }

    public int Descriptor => _descriptor;

    /// <summary>Makes the descriptor readable; one system call however often it is called before <see cref="Reset"/>.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _isSignalled, 1) != 0)
        {
            return;
        }

        var isHeld = false;
        try
        {
            _handle.DangerousAddRef(ref isHeld);
            ulong one = 1;
            _ = LibC.Write(_descriptor, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended: nobody is left to wake.
        }
        finally
        {
            if (isHeld)
            {
                _handle.DangerousRelease();
            }
        }
    }

    /// <summary>Takes the signal back; call before looking for what was signalled.</summary>
    public void Reset()
    {
        ulong value;
        _ = LibC.Read(_descriptor, &value, sizeof(ulong));
        Volatile.Write(ref _isSignalled, 0);
        Interlocked.MemoryBarrier();
    }

    public void Dispose() => _handle.Dispose();
}
