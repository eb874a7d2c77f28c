namespace AsrHub.Rtc.WebRtc;

/// <summary>
/// One encoded audio frame in order, as the jitter buffer releases it. The payload is opaque to this assembly (Opus, or SFrame ciphertext).
/// </summary>
/// <param name="Payload">RTP payload without padding; valid until the next call into the peer.</param>
/// <param name="RtpTimestamp">RTP timestamp, 48 kHz units for Opus whatever the content (RFC 7587 s4.1).</param>
/// <param name="LostBefore">How many packets are missing directly before this one and will not come any more; 0 is the rule.</param>
/// <param name="IsNewStream">True on the first frame of a new synchronisation source: decoder state of the old one must be dropped.</param>
/// <param name="ArrivedAt">When the datagram came in, in the caller's <c>now</c> (see <see cref="Micros"/>).</param>
public readonly record struct ReceivedFrame(ReadOnlyMemory<byte> Payload, uint RtpTimestamp, int LostBefore, bool IsNewStream, long ArrivedAt);
