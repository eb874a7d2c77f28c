using System.Net;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>The program's UDP port: sockets on the machine's addresses, the loop behind them, and what it counts.</summary>
public sealed partial class UdpEdge : IPeerEdge, IDisposable
{
    private readonly UdpSocket[] _sockets;
    private readonly UdpShard _shard;

    private UdpEdge(UdpSocket[] sockets, IReadOnlyList<TransportAddress> candidates, UdpShard shard)
    {
        _sockets = sockets;
        _shard = shard;
        Candidates = candidates;
    }

    /// <summary>The UDP port.</summary>
    public int Port => _sockets[0].LocalEndPoint.Port;

    /// <summary>What clients are told.</summary>
    public IReadOnlyList<TransportAddress> Candidates { get; }

    /// <summary>Peers at the moment.</summary>
    public int PeerCount => _shard.PeerCount;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Counters => GetCounters();

    internal UdpShard Shard => _shard;

    /// <summary>Opens the port.</summary>
    /// <exception cref="EdgeException">It cannot be opened as it is set up.</exception>
    public static UdpEdge Start(UdpEdgeOptions options, DtlsCertificate certificate, ILogger<UdpEdge> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(logger);
        var addresses = LocalAddresses.Choose(HostAddress.GetAll(), options.Addresses, options.IncludeLoopback);
        var publicAddresses = LocalAddresses.ParsePublic(options.PublicAddresses);
        var sockets = UdpSocket.BindAll(addresses, options.Port, options.ReceiveBufferSize);
        var port = sockets[0].LocalEndPoint.Port;
        List<TransportAddress> candidates = [];
        foreach (var address in options.AdvertiseLocal || publicAddresses.Count == 0 ? publicAddresses.Concat(addresses) : publicAddresses)
        {
            var candidate = TransportAddress.From(new IPEndPoint(address, port));
            if (!candidates.Contains(candidate))
            {
                candidates.Add(candidate);
            }
        }

        LogOpened(logger, port, candidates);
        if (addresses.All(IPAddress.IsLoopback))
        {
            LogLoopbackOnly(logger);
        }

        // Linux gives twice what was asked for, to pay for its own bookkeeping, but first caps what was asked for.
        var granted = sockets[0].ReceiveBufferSize / 2;
        if (granted < options.ReceiveBufferSize)
        {
            LogReceiveBufferCapped(logger, granted, options.ReceiveBufferSize);
        }

        var peerOptions = new PeerOptions { Candidates = candidates, Ice = options.Ice, MaxMessageSize = options.MaxMessageSize };
        return new UdpEdge(sockets, candidates, new UdpShard(0, sockets, peerOptions, certificate, options, logger));
    }

    /// <summary>Makes a peer that answers an offer; see <see cref="UdpShard.AcceptAsync"/>.</summary>
    public Task<PeerHandle> AcceptAsync(string offerSdp, IPeerListener owner, CancellationToken cancellationToken) =>
        _shard.AcceptAsync(offerSdp, owner, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<AnsweredPeer> AnswerAsync(string sdp, IPeerListener listener, CancellationToken cancellationToken)
    {
        try
        {
            var peer = await AcceptAsync(sdp, listener, cancellationToken);
            return new AnsweredPeer(peer, peer.AnswerSdp);
        }
        catch (SdpException e)
        {
            throw ContractException.InvalidRequest(e.Code, e.Message, "sdp");
        }
        catch (EdgeFullException e)
        {
            throw ContractException.Server(DoorErrorCodes.ServerFull, e.Message);
        }
    }

    private Dictionary<string, long> GetCounters()
    {
        var counters = new Dictionary<string, long>
        {
            ["peers"] = _shard.PeerCount,
            ["kernel_drops"] = _shard.KernelDrops,
        };
        foreach (var counter in Enum.GetValues<EdgeCounter>())
        {
            counters[Name(counter)] = _shard.Counters[counter];
        }

        foreach (var result in Enum.GetValues<IceCheckResult>())
        {
            counters["stun_" + Name(result)] = _shard.IceCounters[result];
        }

        foreach (var reason in Enum.GetValues<PeerDropReason>())
        {
            if (reason != PeerDropReason.None)
            {
                counters["peer_dropped_" + Name(reason)] = _shard.Drops[reason];
            }
        }

        return counters;
    }

    /// <summary>Closes all peers, which are told so, and the port.</summary>
    public void Dispose()
    {
        _shard.Dispose();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private static string Name<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    [LoggerMessage(Level = LogLevel.Information, Message = "UDP port {Port} is open; clients are told {Candidates}.")]
    private static partial void LogOpened(ILogger logger, int port, List<TransportAddress> candidates);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This machine has no address but loopback: only clients on it can connect, and Firefox not at all. Connect it to a network, or name an address in Media:Addresses.")]
    private static partial void LogLoopbackOnly(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The system gave {Granted} bytes of UDP receive buffer instead of {Wanted}; bursts may be lost under load. Raise it: sysctl -w net.core.rmem_max={Wanted}")]
    private static partial void LogReceiveBufferCapped(ILogger logger, int granted, int wanted);
}
