namespace AsrHub.Rtc.WebRtc.DataChannels;

/// <summary>Payload protocol identifiers of WebRTC (RFC 8831 s8). SCTP has no empty messages, so an empty one is a zero byte under a PPID of its own.</summary>
internal static class PayloadProtocol
{
    public const uint Dcep = 50;
    public const uint Text = 51;
    public const uint Binary = 53;
    public const uint EmptyText = 56;
    public const uint EmptyBinary = 57;
}
