using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.WebRtc.Dtls;

namespace AsrHub.Rtc.Simulation.Tests.Network;

/// <summary>A client and a server peer joined by a virtual network, in virtual time.</summary>
public sealed class SimulatedCall : IDisposable
{
    public static readonly TransportAddress ServerAddress = new([192, 0, 2, 1], 50_000);
    public static readonly TransportAddress ClientAddress = new([198, 51, 100, 7], 40_000);

    // One key pair for all simulations of a run, as one for all peers of a server.
    private static readonly DtlsCertificate ServerCertificate = DtlsCertificate.Create();
    private static readonly DtlsCertificate ClientCertificate = DtlsCertificate.Create();

    private readonly byte[] _slab = new byte[2_048];

    public SimulatedCall(int seed, NetworkConditions? conditions = null, ClientPeerOptions? client = null, PeerOptions? server = null)
    {
        Network = new VirtualNetwork(seed, conditions ?? NetworkConditions.Perfect);
        Client = new OfferingPeer(client, ClientCertificate);
        Server = Peer.Accept(Client.OfferSdp, server ?? DefaultOptions, ServerCertificate, Now);
        Client.AcceptAnswer(Server.AnswerSdp, Now);
    }

    public static PeerOptions DefaultOptions { get; } = new() { Candidates = [ServerAddress] };

    public VirtualNetwork Network { get; }

    public OfferingPeer Client { get; }

    public Peer Server { get; }

    public long Now { get; private set; } = 1_000 * Micros.Second;

    public List<PeerEvent> ServerEvents { get; } = [];

    public List<PeerEvent> ClientEvents { get; } = [];

    /// <summary>Frames in the order in which they came out of the server, with the time at which they did.</summary>
    public List<(ReceivedFrame Frame, byte[] Payload, long At)> Frames { get; } = [];

    /// <summary>Called for each event of the server, with the time.</summary>
    public Action<PeerEvent>? OnServerEvent { get; set; }

    /// <summary>Address that the client's datagrams come from.</summary>
    public TransportAddress From { get; set; } = ClientAddress;

    public override string ToString() =>
        $"seed {Network.Seed}, {Network.Conditions}: client {Client.State}, server {Server.State} {Server.CloseReason}, {Network.SentTo(NetworkEnd.Server)} datagrams up, {Network.SentTo(NetworkEnd.Client)} down";

    /// <summary>Runs until the condition holds.</summary>
    /// <returns>False when it did not in the time given.</returns>
    public bool RunUntil(Func<bool> condition, long within = 60 * Micros.Second)
    {
        var end = Now + within;
        Drain();
        while (!condition())
        {
            var next = NextMoment();
            if (next > end)
            {
                Now = end;
                return false;
            }

            Step(next);
        }

        return true;
    }

    /// <summary>Lets time pass.</summary>
    public void Run(long duration)
    {
        var end = Now + duration;
        Drain();
        for (var next = NextMoment(); next <= end; next = NextMoment())
        {
            Step(next);
        }

        Now = end;
    }

    public bool Connect() => RunUntil(() => Client.State == PeerState.Connected && Server.State == PeerState.Connected);

    /// <summary>Gives the server a datagram at once, past the network.</summary>
    public void Inject(ReadOnlySpan<byte> datagram, TransportAddress? from = null)
    {
        datagram.CopyTo(_slab);
        Server.Receive(_slab.AsSpan(0, datagram.Length), new TransportPath(0, from ?? From), Now);
    }

    public void Drain()
    {
        // What one side queues never depends on the other within one moment, since the network takes time.
        while (Client.TryTransmit(out var datagram))
        {
            Network.Send(NetworkEnd.Server, From, datagram.Path.Remote, datagram.Data.Span, Now);
        }

        while (Server.TryTransmit(out var datagram))
        {
            Network.Send(NetworkEnd.Client, ServerAddress, datagram.Path.Remote, datagram.Data.Span, Now);
        }

        while (Server.TryReadFrame(out var frame))
        {
            Frames.Add((frame, frame.Payload.ToArray(), Now));
        }

        while (Server.TryEvent(out var happened))
        {
            ServerEvents.Add(happened!);
            OnServerEvent?.Invoke(happened!);
        }

        while (Client.TryEvent(out var happened))
        {
            ClientEvents.Add(happened!);
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private long NextMoment() => Math.Min(Network.NextDelivery, Math.Min(Client.NextTimeout, Server.NextTimeout));

    private void Step(long moment)
    {
        Now = Math.Max(Now, moment);
        while (Network.TryReceive(Now, out var datagram))
        {
            Deliver(datagram);
            Drain();
        }

        if (Client.NextTimeout <= Now)
        {
            Client.OnTimeout(Now);
        }

        if (Server.NextTimeout <= Now)
        {
            Server.OnTimeout(Now);
        }

        Drain();
    }

    private void Deliver(VirtualDatagram datagram)
    {
        if (datagram.To == NetworkEnd.Client)
        {
            if (datagram.Destination == From)
            {
                Client.Receive(datagram.Data, new TransportPath(0, datagram.From), Now);
            }

            return;
        }

        datagram.Data.CopyTo(_slab, 0);
        Server.Receive(_slab.AsSpan(0, datagram.Data.Length), new TransportPath(0, datagram.From), Now);
    }
}
