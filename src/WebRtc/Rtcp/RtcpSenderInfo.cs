namespace AsrHub.Rtc.WebRtc.Rtcp;

/// <summary>What a sender report tells of its sender (RFC 3550 s6.4.1).</summary>
/// <param name="Ssrc">The sender.</param>
/// <param name="NtpTimestamp">Its wall clock, 32.32 fixed point.</param>
/// <param name="RtpTimestamp">The same moment on its media clock.</param>
/// <param name="PacketCount">RTP packets sent.</param>
/// <param name="OctetCount">Payload octets sent.</param>
public readonly record struct RtcpSenderInfo(uint Ssrc, ulong NtpTimestamp, uint RtpTimestamp, uint PacketCount, uint OctetCount)
{
    /// <summary>The middle half of the NTP timestamp: how receivers name this report.</summary>
    public uint ShortNtpTimestamp => (uint)(NtpTimestamp >> 16);
}
