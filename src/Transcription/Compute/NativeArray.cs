using System.Runtime.InteropServices;
using AsrHub.Rtc.Crypto;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>Numbers in native memory that never move, aligned to a cache line and zeroed when made.</summary>
/// <typeparam name="T">What they are.</typeparam>
internal sealed unsafe class NativeArray<T> : SafeHandle
    where T : unmanaged
{
    private const int Alignment = 64;

    private readonly MemoryAccount? _account = MemoryAccount.Current;

    /// <summary>Makes an array.</summary>
    /// <param name="length">How many numbers; 0 for none yet.</param>
    public NativeArray(int length = 0)
        : base(0, ownsHandle: true)
    {
        Reserve(length);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>How many numbers there is room for.</summary>
    public int Length { get; private set; }

    /// <summary>The first of them.</summary>
    public T* Pointer => (T*)handle;

    /// <summary>All of them.</summary>
    public Span<T> Span => new(Pointer, Length);

    /// <summary>Makes room. What was there is lost when the memory has to grow.</summary>
    /// <param name="length">How many numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, as one that was too large to be reckoned is.</exception>
    public void Reserve(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > Length)
        {
            Free();
            Hold(Allocate(length), length);
        }
    }

    /// <summary>Makes room and keeps what was there.</summary>
    /// <param name="length">How many numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public void Grow(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > Length)
        {
            nint larger = Allocate(length);
            Span.CopyTo(new Span<T>((T*)larger, length));
            Free();
            Hold(larger, length);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Free();
        return true;
    }

    private static nint Allocate(int length)
    {
        nuint bytes = checked((nuint)length * (nuint)sizeof(T));
        void* memory = NativeMemory.AlignedAlloc((bytes + Alignment - 1) / Alignment * Alignment, Alignment);
        NativeMemory.Clear(memory, bytes);
        NativeHandles.Opened();
        return (nint)memory;
    }

    private void Hold(nint memory, int length)
    {
        SetHandle(memory);
        Length = length;
        _account?.Add((long)length * sizeof(T));
    }

    private void Free()
    {
        if (handle != 0)
        {
            NativeMemory.AlignedFree((void*)handle);
            NativeHandles.Closed();
            _account?.Add(-(long)Length * sizeof(T));
            handle = 0;
            Length = 0;
        }
    }
}
