namespace AsrHub.Rtc.WebRtc.Rtp;

/// <summary>The fields of an RTP header that a sender chooses (RFC 3550 s5.1).</summary>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="SequenceNumber">One more than the packet before.</param>
/// <param name="Timestamp">In units of the payload's clock.</param>
/// <param name="Ssrc">Synchronisation source.</param>
/// <param name="Marker">For Opus: first packet after silence.</param>
public readonly record struct RtpHeader(byte PayloadType, ushort SequenceNumber, uint Timestamp, uint Ssrc, bool Marker = false);
