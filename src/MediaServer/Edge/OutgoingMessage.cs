namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>A data channel message on its way to its peer.</summary>
internal readonly record struct OutgoingMessage(ChannelBacklog Channel, ReadOnlyMemory<byte> Data, bool IsText);
