namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>What is remembered of one synchronisation source: its newest index and the replay window.</summary>
internal sealed class SrtpStream(uint ssrc)
{
    public const ulong RollOver = 0x1_0000;
    public const ulong MaxRtpIndex = 0xFFFF_FFFF_FFFF;

    private const ulong HalfRollOver = 0x8000;

    private ReplayWindow _window;

    public uint Ssrc { get; } = ssrc;

    /// <summary>When it was last used, in the table's own count.</summary>
    public long LastUse { get; set; }

    public ulong Highest => _window.Highest;

    public SrtpStatus Check(ulong index) => _window.Check(index);

    public void Commit(ulong index) => _window.Commit(index);

    /// <summary>
    /// The 48-bit index nearest to the newest one with this sequence number (RFC 3711 s3.3.1, appendix A).
    /// There is nothing before roll-over 0, so there a large step back can only be a large step forward.
    /// </summary>
    public ulong EstimateIndex(ushort sequence)
    {
        var highest = _window.Highest;
        var index = (highest & ~(RollOver - 1)) | sequence;
        if (index + HalfRollOver < highest)
        {
            return index + RollOver;
        }

        return index > highest + HalfRollOver && index >= RollOver ? index - RollOver : index;
    }
}
