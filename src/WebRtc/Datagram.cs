namespace AsrHub.Rtc.WebRtc;

/// <summary>One datagram to send.</summary>
/// <param name="Data">The bytes; valid until the next call into the machine that produced it.</param>
/// <param name="Path">Local socket and remote address to use.</param>
public readonly record struct Datagram(ReadOnlyMemory<byte> Data, TransportPath Path);
