using AsrHub.Rtc.WebRtc.DataChannels;
using AsrHub.Rtc.WebRtc.Sctp;
using AsrHub.Rtc.WebRtc.Tests.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.DataChannels;

/// <summary>A DTLS client (browser) and a DTLS server (us) with a network between them.</summary>
internal sealed class ChannelPair
{
    public ChannelPair(int seed = 1, SctpOptions? options = null)
    {
        options ??= new SctpOptions();
        ClientEnd = new ChannelEndpoint(options with { RandomSeed = seed }, isDtlsClient: true);
        ServerEnd = new ChannelEndpoint(options with { RandomSeed = seed + 1000 }, isDtlsClient: false);
        Network = new TestNetwork(ClientEnd, ServerEnd, seed);
    }

    public ChannelEndpoint ClientEnd { get; }

    public ChannelEndpoint ServerEnd { get; }

    public TestNetwork Network { get; }

    public DataChannelSet Client => ClientEnd.Channels;

    public DataChannelSet Server => ServerEnd.Channels;

    public void Establish()
    {
        Client.Connect(Network.Now);
        Assert.True(Network.RunUntil(() => Client.State == SctpState.Established && Server.State == SctpState.Established));
    }

    /// <summary>Opens a channel from the client and waits until both sides know.</summary>
    public ushort OpenFromClient(string label = "asrhub", DataChannelOptions options = default)
    {
        Assert.True(Client.TryOpen(label, options, Network.Now, out var id));
        Assert.True(Network.RunUntil(() => IsOpen(ClientEnd, id) && IsOpen(ServerEnd, id)));
        return id;
    }

    public static bool IsOpen(ChannelEndpoint end, ushort id) =>
        end.Events.OfType<PeerEvent.ChannelOpened>().Count(opened => opened.ChannelId == id)
        > end.Events.OfType<PeerEvent.ChannelClosed>().Count(closed => closed.ChannelId == id);

    public static List<PeerEvent.MessageReceived> Messages(ChannelEndpoint end) => end.Events.OfType<PeerEvent.MessageReceived>().ToList();
}
