namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>How a message is delivered (RFC 3758, RFC 7496). <c>default</c> is reliable and in order.</summary>
/// <param name="Unordered">True when it need not wait for earlier messages of its stream.</param>
/// <param name="MaxRetransmits">Retransmissions before it is given up; 0 is a single send, null is no limit.</param>
/// <param name="MaxLifetime">Microseconds after which it is given up; null is no limit.</param>
public readonly record struct SctpReliability(bool Unordered, int? MaxRetransmits = null, long? MaxLifetime = null);

/// <summary>What became of a message handed to <see cref="SctpAssociation.Send"/>.</summary>
public enum SctpSendResult
{
    /// <summary>It is in the send buffer.</summary>
    Queued,

    /// <summary>The send buffer is full: try again when it has drained.</summary>
    BufferFull,

    /// <summary>It is longer than the other side takes or than the send buffer.</summary>
    MessageTooLarge,

    /// <summary>SCTP has no empty messages (RFC 9260 s3.3.1).</summary>
    Empty,

    /// <summary>There is no such stream.</summary>
    NoSuchStream,

    /// <summary>The stream is being reset.</summary>
    StreamClosing,

    /// <summary>The association is closed or shutting down.</summary>
    Closed,
}
