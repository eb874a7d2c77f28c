namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>One Opus packet as a session takes it in; the bytes are copied before the call returns.</summary>
/// <param name="payload">Opus packet; empty for "nothing but a gap".</param>
/// <param name="rtpTimestamp">48 kHz units.</param>
/// <param name="lostBefore">Packets missing directly before this one.</param>
/// <param name="isNewStream">True when decoder state must be dropped first.</param>
/// <param name="arrivedAt">Timestamp of the session's <see cref="TimeProvider"/> when it came in, for latency figures.</param>
public readonly ref struct EncodedAudio(ReadOnlySpan<byte> payload, uint rtpTimestamp, int lostBefore, bool isNewStream, long arrivedAt)
{
    /// <summary>Opus packet.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>48 kHz units.</summary>
    public uint RtpTimestamp { get; } = rtpTimestamp;

    /// <summary>Packets missing directly before this one.</summary>
    public int LostBefore { get; } = lostBefore;

    /// <summary>Whether decoder state must be dropped first.</summary>
    public bool IsNewStream { get; } = isNewStream;

    /// <summary>When it came in.</summary>
    public long ArrivedAt { get; } = arrivedAt;
}
