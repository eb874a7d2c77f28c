using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.DataChannels;

/// <summary>What is known of one channel.</summary>
internal sealed class DataChannel(ushort id, in DcepOpen open)
{
    public ushort Id { get; } = id;

    public string Label { get; } = open.Label;

    public string Protocol { get; } = open.Protocol;

    public SctpReliability Reliability { get; } = open.Reliability;

    /// <summary>True once the other side knows of the channel: by its ACK, or because it opened it.</summary>
    public bool IsOpen { get; set; }

    /// <summary>True once either side closes it.</summary>
    public bool IsClosing { get; set; }

    /// <summary>True once the own sending direction is reset.</summary>
    public bool IsOutgoingReset { get; set; }

    /// <summary>True once the other side's sending direction is reset.</summary>
    public bool IsIncomingReset { get; set; }
}
