namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>
/// Serial number arithmetic (RFC 1982, RFC 9260 s1.6): TSNs, stream sequence numbers and reset request numbers wrap, so they are never compared with &lt;.
/// Two numbers exactly half the space apart are neither after nor before one another.
/// </summary>
internal static class Serial
{
    /// <summary>True when <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool IsAfter(uint a, uint b) => (int)(a - b) > 0;

    /// <summary>True when <paramref name="a"/> is <paramref name="b"/> or comes after it.</summary>
    public static bool IsAtOrAfter(uint a, uint b) => (int)(a - b) >= 0 && a - b != 0x8000_0000;

    /// <summary>True when <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool IsAfter(ushort a, ushort b) => (short)(a - b) > 0;

    /// <summary>How far <paramref name="a"/> lies beyond <paramref name="b"/>; meaningful only when it is at or after it.</summary>
    public static uint Distance(uint a, uint b) => a - b;
}
