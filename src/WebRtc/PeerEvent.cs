namespace AsrHub.Rtc.WebRtc;

/// <summary>What a peer tells its owner, apart from frames and datagrams.</summary>
public abstract record PeerEvent
{
    private PeerEvent()
    {
    }

    /// <summary>The peer moved on.</summary>
    /// <param name="State">The new state.</param>
    /// <param name="Reason">Set when <paramref name="State"/> is <see cref="PeerState.Closed"/>.</param>
    /// <param name="Detail">For people: what happened, when there is more to say.</param>
    public sealed record StateChanged(PeerState State, PeerCloseReason Reason, string? Detail) : PeerEvent;

    /// <summary>A data channel is open, whichever side opened it.</summary>
    /// <param name="ChannelId">SCTP stream identifier.</param>
    /// <param name="Label">Label given by the side that opened it.</param>
    /// <param name="Protocol">Sub-protocol, often empty.</param>
    public sealed record ChannelOpened(ushort ChannelId, string Label, string Protocol) : PeerEvent;

    /// <summary>A whole message came in.</summary>
    /// <param name="ChannelId">SCTP stream identifier.</param>
    /// <param name="IsText">True for UTF-8 text (PPID 51 and 56), false for binary (53 and 57); RFC 8831 s8.</param>
    /// <param name="Data">The message; the receiver owns it.</param>
    public sealed record MessageReceived(ushort ChannelId, bool IsText, ReadOnlyMemory<byte> Data) : PeerEvent;

    /// <summary>The other side closes a data channel: nothing more can be sent on it, and <see cref="ChannelClosed"/> follows.</summary>
    /// <param name="ChannelId">SCTP stream identifier.</param>
    public sealed record ChannelClosing(ushort ChannelId) : PeerEvent;

    /// <summary>A data channel is closed.</summary>
    /// <param name="ChannelId">SCTP stream identifier.</param>
    public sealed record ChannelClosed(ushort ChannelId) : PeerEvent;

    /// <summary>A channel's send queue fell to its low mark: more may be sent.</summary>
    /// <param name="ChannelId">SCTP stream identifier.</param>
    public sealed record BufferedAmountLow(ushort ChannelId) : PeerEvent;
}
