using AsrHub.Rtc.WebRtc.DataChannels;
using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>What the test network needs of a machine.</summary>
internal interface IEndpoint
{
    long NextTimeout { get; }

    void Receive(ReadOnlySpan<byte> packet, long now);

    void OnTimeout(long now);

    bool TryTransmit(out ReadOnlyMemory<byte> packet);

    /// <summary>Takes out and keeps what the machine reports.</summary>
    void Collect();
}

internal sealed class AssociationEndpoint(SctpOptions options) : IEndpoint
{
    public SctpAssociation Association { get; } = new(options);

    public List<SctpEvent> Events { get; } = [];

    public IEnumerable<SctpEvent> Messages => Events.Where(happened => happened.Kind == SctpEventKind.Message);

    public long NextTimeout => Association.NextTimeout;

    public void Receive(ReadOnlySpan<byte> packet, long now) => Association.Receive(packet, now);

    public void OnTimeout(long now) => Association.OnTimeout(now);

    public bool TryTransmit(out ReadOnlyMemory<byte> packet) => Association.TryTransmit(out packet);

    public void Collect()
    {
        while (Association.TryRead(out var happened))
        {
            Events.Add(happened);
        }
    }
}

internal sealed class ChannelEndpoint(SctpOptions options, bool isDtlsClient) : IEndpoint
{
    public DataChannelSet Channels { get; } = new(options, isDtlsClient);

    public List<PeerEvent> Events { get; } = [];

    public long NextTimeout => Channels.NextTimeout;

    public void Receive(ReadOnlySpan<byte> packet, long now) => Channels.Receive(packet, now);

    public void OnTimeout(long now) => Channels.OnTimeout(now);

    public bool TryTransmit(out ReadOnlyMemory<byte> packet) => Channels.TryTransmit(out packet);

    public void Collect()
    {
        while (Channels.TryEvent(out var happened))
        {
            Events.Add(happened);
        }
    }
}
