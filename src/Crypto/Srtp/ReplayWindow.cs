using System.Runtime.CompilerServices;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>
/// Which of the last 1,024 indices were accepted (RFC 3711 s3.3.2 asks for at least 64). As many as browsers keep: twenty seconds of audio cost 128 bytes
/// a stream, and packets that a probing Firefox repeats are then told apart as duplicates instead of being merely too old.
/// </summary>
internal struct ReplayWindow
{
    public const int Size = 1024;

    private const int BitsPerWord = 64;

    private Words _accepted;
    private bool _any;

    /// <summary>The newest accepted index.</summary>
    public ulong Highest { get; private set; }

    /// <summary>Asks without changing anything: the packet is not authenticated yet.</summary>
    public readonly SrtpStatus Check(ulong index)
    {
        if (!_any || index > Highest)
        {
            return SrtpStatus.Ok;
        }

        if (Highest - index >= Size)
        {
            return SrtpStatus.TooOld;
        }

        return (_accepted[WordOf(index)] & BitOf(index)) != 0 ? SrtpStatus.Replayed : SrtpStatus.Ok;
    }

    /// <summary>Remembers an authenticated index that <see cref="Check"/> let through.</summary>
    public void Commit(ulong index)
    {
        if (!_any || index > Highest)
        {
            Forget(_any ? Math.Min(index - Highest, Size) : Size, index);
            Highest = index;
            _any = true;
        }

        _accepted[WordOf(index)] |= BitOf(index);
    }

    private static int WordOf(ulong index) => (int)(index / BitsPerWord % (Size / BitsPerWord));

    private static ulong BitOf(ulong index) => 1UL << (int)(index % BitsPerWord);

    private void Forget(ulong count, ulong upTo)
    {
        if (count == Size)
        {
            _accepted = default;
            return;
        }

        for (var index = upTo - count + 1; index <= upTo; index++)
        {
            _accepted[WordOf(index)] &= ~BitOf(index);
        }
    }

    [InlineArray(Size / BitsPerWord)]
    private struct Words
    {
        private ulong _first;
    }
}
