namespace AsrHub.Rtc.WebRtc.DataChannels;

/// <summary>How a channel that this side opens delivers its messages (RFC 8832 s5.1). <c>default</c> is reliable and in order.</summary>
/// <param name="Unordered">True when messages need not wait for earlier ones.</param>
/// <param name="MaxRetransmits">Retransmissions before a message is given up; 0 is a single send, null is no limit.</param>
/// <param name="MaxPacketLifeTime">Milliseconds after which a message is given up; null is no limit. Not together with <paramref name="MaxRetransmits"/>.</param>
/// <param name="Protocol">Sub-protocol, often empty.</param>
public readonly record struct DataChannelOptions(
    bool Unordered = false, ushort? MaxRetransmits = null, ushort? MaxPacketLifeTime = null, string? Protocol = null);
