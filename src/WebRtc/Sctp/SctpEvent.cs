namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>What kind of thing an association reports.</summary>
public enum SctpEventKind
{
    /// <summary>Data may flow.</summary>
    Established,

    /// <summary>The other side started a new association over the old one (RFC 9260 s5.2.4.1): all streams begin anew.</summary>
    Restarted,

    /// <summary>A whole message.</summary>
    Message,

    /// <summary>A message on this stream exceeded <see cref="SctpOptions.MaxReceiveMessageSize"/> and is dropped.</summary>
    MessageTooLarge,

    /// <summary>The other side reset the stream on which it sends (RFC 6525 s5.2.2); stream 65,535 stands for all of them.</summary>
    IncomingStreamReset,

    /// <summary>The reset of the own sending direction of this stream is done.</summary>
    OutgoingStreamReset,

    /// <summary>The stream's send queue fell to its low mark.</summary>
    BufferedAmountLow,

    /// <summary>The association is over.</summary>
    Closed,
}

/// <summary>One thing an association reports, in the order in which it happened.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Stream">Stream identifier, where it concerns one.</param>
/// <param name="Ppid">Payload protocol identifier of a message.</param>
/// <param name="Data">A message's bytes; the reader owns them.</param>
public readonly record struct SctpEvent(SctpEventKind Kind, ushort Stream, uint Ppid, ReadOnlyMemory<byte> Data);
