using System.Collections.Concurrent;
using System.Diagnostics;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Ice;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>
/// One thread that owns some sockets and all peers behind them. It waits for datagrams, timers and control in one <c>poll</c>, and shares nothing:
/// other threads enter by a queue, and what leaves goes to each peer's <see cref="IPeerListener"/>, which must not block. No lock and, for datagrams,
/// no allocation.
/// <code>
/// poll -> control queue -> handshakes that wait -> up to 4 x 32 datagrams a socket -> touched peers drained: frames, events, datagrams -> timers that are due -> poll
/// </code>
/// </summary>
public sealed partial class UdpShard : IDisposable
{
    private const int MaxBatchesPerTurn = 4;
    private const int LongestWaitMilliseconds = 60_000;
    private const long ShortestTimer = Micros.Millisecond / 2;

    private readonly UdpSocket[] _sockets;
    private readonly LibC.PollFd[] _polled;
    private readonly PeerOptions _peerOptions;
    private readonly DtlsCertificate _certificate;
    private readonly UdpEdgeOptions _options;
    private readonly ILogger _logger;
    private readonly ReceiveBatch _batch = new();
    private readonly PeerDirectory _peers = new();
    private readonly TimerHeap _timers = new();
    private readonly List<ShardPeer> _touched = new(ReceiveBatch.Capacity);
    private readonly ConcurrentQueue<Action<long>> _control = new();
    private readonly WakeEvent _wake = new();
    private readonly IceCounters _iceCounters = new();
    private readonly EdgeDrops _drops = new();
    private readonly Thread _thread;
    private int _peerCount;
    private volatile bool _isStopping;

    internal UdpShard(int id, UdpSocket[] sockets, PeerOptions peerOptions, DtlsCertificate certificate, UdpEdgeOptions options, ILogger logger)
    {
        _sockets = sockets;
        _polled = new LibC.PollFd[sockets.Length + 1];
        _peerOptions = peerOptions with { Ice = peerOptions.Ice with { Shard = id, Counters = _iceCounters } };
        _certificate = certificate;
        _options = options;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = $"udp-shard-{id}" };
        _thread.Start();
    }

    /// <summary>What came, went and was dropped before it had a peer.</summary>
    public EdgeCounters Counters { get; } = new();

    /// <summary>Results of STUN checks over all peers.</summary>
    public IceCounters IceCounters => _iceCounters;

    /// <summary>Peers at the moment.</summary>
    public int PeerCount => Volatile.Read(ref _peerCount);

    /// <summary>Datagrams that the kernel dropped because the loop was late.</summary>
    public long KernelDrops
    {
        get
        {
            long drops = 0;
            foreach (var socket in _sockets)
            {
                drops += socket.KernelDrops;
            }

            return drops;
        }
    }

    /// <summary>Microseconds of the clock that this shard's peers live by.</summary>
    internal static long Now => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / Micros.Second);

    /// <summary>Paths entered in the directory; read on the loop only.</summary>
    internal int PathCount => _peers.PathCount;

    /// <summary>What peers dropped, by reason.</summary>
    internal EdgeDrops Drops => _drops;

    /// <summary>Stops the loop: every peer is closed and told so, then the thread ends. The sockets are the caller's to dispose of.</summary>
    public void Dispose()
    {
        if (_isStopping)
        {
            return;
        }

        _isStopping = true;
        _wake.Signal();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }

        _wake.Dispose();
    }

    private void Run()
    {
        for (var i = 0; i < _sockets.Length; i++)
        {
            _polled[i] = new LibC.PollFd { Descriptor = _sockets[i].Descriptor, Wanted = LibC.POLLIN };
        }

        _polled[^1] = new LibC.PollFd { Descriptor = _wake.Descriptor, Wanted = LibC.POLLIN };
        while (!_isStopping)
        {
            Wait();
            RunControl();
            RunHandshakes();
            for (var i = 0; i < _sockets.Length; i++)
            {
                if (_polled[i].Happened != 0)
                {
                    ReceiveFrom(i);
                }
            }

            RunTimers();
        }

        RunControl();
        foreach (var peer in _peers.All.ToArray())
        {
            CloseNow(peer, Now);
        }
    }

    private unsafe void Wait()
    {
        var untilTimer = _timers.Earliest == Micros.Never ? long.MaxValue : (_timers.Earliest - Now + Micros.Millisecond - 1) / Micros.Millisecond;
        var timeout = (int)Math.Clamp(untilTimer, 0, LongestWaitMilliseconds);
        fixed (LibC.PollFd* polled = _polled)
        {
            if (LibC.Poll(polled, (nuint)_polled.Length, _control.IsEmpty && _handshakes.Count == 0 ? timeout : 0) < 0)
            {
                // Interrupted: what happened is then not told, and the next turn asks again.
                foreach (ref var one in _polled.AsSpan())
                {
                    one.Happened = 0;
                }
            }
        }

        if (_polled[^1].Happened != 0)
        {
            _wake.Reset();
        }
    }

    private void ReceiveFrom(int socket)
    {
        for (var batch = 0; batch < MaxBatchesPerTurn; batch++)
        {
            var count = _batch.Receive(_sockets[socket].Descriptor);
            if (count < 0)
            {
                // A pending ICMP error is taken off by this call; the socket is as good as before.
                if (-count is not (LibC.EAGAIN or LibC.EINTR))
                {
                    Counters.Add(EdgeCounter.ReceiveErrors);
                }

                return;
            }

            var now = Now;
            for (var i = 0; i < count; i++)
            {
                Dispatch(i, socket, now);
            }

            DrainTouched(now);
            if (count < ReceiveBatch.Capacity)
            {
                return;
            }
        }
    }

    // RFC 7983 s7. Nothing is kept of a datagram that finds no peer.
    private void Dispatch(int index, int socket, long now)
    {
        var data = _batch.Data(index);
        Counters.Add(EdgeCounter.Received);
        Counters.Add(EdgeCounter.ReceivedBytes, data.Length);
        if (_batch.IsTruncated(index))
        {
            Counters.Add(EdgeCounter.DroppedTruncated);
            return;
        }

        if (data.IsEmpty || !_batch.TryGetSender(index, out var sender))
        {
            Counters.Add(EdgeCounter.DroppedUnknownProtocol);
            return;
        }

        var path = new TransportPath(socket, sender);
        switch (data[0])
        {
            case <= 3:
                DispatchStun(data, path, now);
                break;
            case (>= 20 and <= 63) or (>= 128 and <= 191):
                if (_peers.FindByPath(path) is not { } peer)
                {
                    Counters.Add(EdgeCounter.DroppedUnprovedAddress);
                }
                else if (data[0] <= 63 && peer.Machine.State == PeerState.Connecting)
                {
                    GiveHandshake(peer, data, path, now);
                }
                else
                {
                    Give(peer, data, path, now);
                }

                break;
            default:
                Counters.Add(EdgeCounter.DroppedUnknownProtocol);
                break;
        }
    }

    private void DispatchStun(Span<byte> data, TransportPath path, long now)
    {
        if (!IceDemux.TryGetLocalUfrag(data, out var ufrag))
        {
            Counters.Add(EdgeCounter.DroppedNotACheck);
            return;
        }

        if (_peers.FindByUfrag(ufrag) is not { } peer)
        {
            Counters.Add(EdgeCounter.DroppedUnknownUfrag);
            return;
        }

        var accepted = _iceCounters[IceCheckResult.Accepted];
        Give(peer, data, path, now);
        if (peer.IsGone)
        {
            return;
        }

        if (_iceCounters[IceCheckResult.Accepted] != accepted)
        {
            _peers.Prove(peer, path);
            if (peer.PreviousUfragKey != 0)
            {
                _peers.RefreshUfrags(peer);
            }
        }

        // At once, not after the batch: a client checks all its pairs in a burst, and a peer keeps only a few responses.
        DrainSafely(peer, now);
    }

    private void Give(ShardPeer peer, Span<byte> data, TransportPath path, long now)
    {
        try
        {
            peer.Machine.Receive(data, path, now);
            Touch(peer);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fault(peer, e);
        }
    }

    private void RunTimers()
    {
        var now = Now;
        while (_timers.TryTake(now, out var peer))
        {
            try
            {
                // Its time may have moved away since it was entered.
                if (peer.Machine.NextTimeout <= now)
                {
                    peer.Machine.OnTimeout(now);
                }

                _drops.Collect(peer);
                Touch(peer);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Fault(peer, e);
            }
        }

        DrainTouched(now);
    }
}
