namespace AsrHub.Rtc.WebRtc;

/// <summary>What became of a message handed to <see cref="Peer.Send"/>.</summary>
public enum PeerSendResult
{
    /// <summary>It is queued and will be delivered in order, unless the peer goes away.</summary>
    Ok,

    /// <summary>There is no open channel of this number.</summary>
    NotOpen,

    /// <summary>It is longer than the other side takes.</summary>
    TooLarge,

    /// <summary>The send buffer is full: try again after <see cref="PeerEvent.BufferedAmountLow"/>.</summary>
    QueueFull,
}
