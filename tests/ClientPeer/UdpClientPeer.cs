using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Rtp;

namespace AsrHub.Rtc.ClientPeer;

/// <summary>
/// An <see cref="OfferingPeer"/> on a real socket: make an offer, give it the server's answer, speak. A reader of <see cref="Events"/> sees channels,
/// messages and states; every method may be called from any thread.
/// </summary>
public sealed class UdpClientPeer : IAsyncDisposable
{
    private const int LargestDatagram = 2_048;
    private static readonly long Started = Stopwatch.GetTimestamp();

    private readonly OfferingPeer _peer;
    private readonly Socket _socket;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _timersChanged = new(0, 1);
    private readonly Channel<PeerEvent> _events = Channel.CreateUnbounded<PeerEvent>();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<PeerCloseReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ushort, TaskCompletionSource> _openings = [];
    private Task _loops = Task.CompletedTask;

    public UdpClientPeer(ClientPeerOptions? options = null, DtlsCertificate? certificate = null)
    {
        _peer = new OfferingPeer(options, certificate);
        if (Socket.OSSupportsIPv6)
        {
            _socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
            _socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        }
        else
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            _socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        }
    }

    /// <summary>The clock of this process in <see cref="Micros"/>.</summary>
    public static long Now => Stopwatch.GetElapsedTime(Started).Ticks / TimeSpan.TicksPerMicrosecond;

    public string OfferSdp => _peer.OfferSdp;

    public PeerState State => _peer.State;

    /// <summary>Everything that happened, in order.</summary>
    public ChannelReader<PeerEvent> Events => _events.Reader;

    /// <summary>Completes when the connection is over.</summary>
    public Task<PeerCloseReason> Closed => _closed.Task;

    /// <summary>Takes the answer and connects.</summary>
    /// <exception cref="IOException">The connection closed before it was there.</exception>
    public async Task ConnectAsync(string answerSdp, CancellationToken cancellationToken = default)
    {
        Do(peer => peer.AcceptAnswer(answerSdp, Now));
        if (_loops.IsCompleted)
        {
            _loops = Task.WhenAll(ReceiveAsync(_stop.Token), KeepTimeAsync(_stop.Token));
        }

        await _connected.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Begins an ICE restart; give the answer to <see cref="AcceptRestart"/>.</summary>
    /// <returns>The new offer.</returns>
    public string Restart()
    {
        lock (_gate)
        {
            return _peer.Restart();
        }
    }

    public void AcceptRestart(string answerSdp) => Do(peer => peer.AcceptAnswer(answerSdp, Now));

    /// <summary>Opens a data channel and waits until the server has agreed.</summary>
    public async Task<ushort> OpenChannelAsync(string label, string protocol = "", CancellationToken cancellationToken = default)
    {
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ushort channel = 0;
        Do(peer =>
        {
            channel = peer.OpenChannel(label, protocol, Now) ?? throw new InvalidOperationException("There is no association to open a channel on.");
            _openings[channel] = opened;
        });
        await opened.Task.WaitAsync(cancellationToken);
        return channel;
    }

    public PeerSendResult Send(ushort channel, ReadOnlySpan<byte> data, bool isText)
    {
        lock (_gate)
        {
            var result = _peer.Send(channel, data, isText, Now);
            Drain();
            return result;
        }
    }

    /// <summary>Sends the next audio frame at once.</summary>
    /// <param name="payload">An Opus packet.</param>
    /// <param name="ticks">Its length in 48 kHz units.</param>
    public bool SendAudio(ReadOnlySpan<byte> payload, uint ticks = 960)
    {
        lock (_gate)
        {
            var sent = _peer.SendAudio(payload, ticks);
            Drain();
            return sent;
        }
    }

    /// <summary>Moves the RTP clock on without sending: a muted microphone, or DTX.</summary>
    public void Skip(TimeSpan time)
    {
        lock (_gate)
        {
            _peer.Timestamp += (uint)(time.TotalSeconds * 48_000);
        }
    }

    /// <summary>Sends one RTP packet as it is given.</summary>
    public bool SendRtp(RtpHeader header, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            var sent = _peer.SendRtp(header, payload);
            Drain();
            return sent;
        }
    }

    /// <summary>Sends frames in real time, as a microphone would.</summary>
    /// <param name="frames">Opus packets.</param>
    /// <param name="ticks">Length of each in 48 kHz units.</param>
    /// <param name="cancellationToken">Stops speaking.</param>
    public async Task SpeakAsync(IReadOnlyList<byte[]> frames, uint ticks = 960, CancellationToken cancellationToken = default)
    {
        var begun = Now;
        for (var i = 0; i < frames.Count; i++)
        {
            var wait = begun + (i * ticks * Micros.Second / 48_000) - Now;
            if (wait > 0)
            {
                await Task.Delay(TimeSpan.FromMicroseconds(wait), cancellationToken);
            }

            _ = SendAudio(frames[i], ticks);
        }
    }

    /// <summary>Closes as a browser does: the server is told.</summary>
    public void Close() => Do(peer => peer.Close(Now));

    /// <summary>Falls silent as a phone without signal does: nothing is sent any more, and nobody is told.</summary>
    public async Task VanishAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _loops;
    }

    public async ValueTask DisposeAsync()
    {
        if (_peer.State != PeerState.Closed && !_stop.IsCancellationRequested)
        {
            Close();
        }

        await _stop.CancelAsync();
        _socket.Dispose();
        await _loops;
        _ = _events.Writer.TryComplete();
        _peer.Dispose();
        _stop.Dispose();
        _timersChanged.Dispose();
    }

    private void Do(Action<OfferingPeer> action)
    {
        lock (_gate)
        {
            action(_peer);
            Drain();
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[LargestDatagram];
        var any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer.AsMemory(), SocketFlags.None, any, cancellationToken);
                var path = new TransportPath(0, TransportAddress.From((IPEndPoint)received.RemoteEndPoint));
                Do(peer => peer.Receive(buffer.AsSpan(0, received.ReceivedBytes), path, Now));
            }
            catch (SocketException)
            {
                // An ICMP error of an earlier send: the next check will tell.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task KeepTimeAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var next = NextTimeout();
                var wait = next == Micros.Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMicroseconds(Math.Max(0, next - Now));
                if (!await _timersChanged.WaitAsync(wait, cancellationToken))
                {
                    Do(peer => peer.OnTimeout(Now));
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private long NextTimeout()
    {
        lock (_gate)
        {
            return _peer.NextTimeout;
        }
    }

    private void Drain()
    {
        while (_peer.TryTransmit(out var datagram))
        {
            Transmit(datagram);
        }

        while (_peer.TryEvent(out var happened))
        {
            Note(happened!);
        }

        if (_timersChanged.CurrentCount == 0)
        {
            _ = _timersChanged.Release();
        }
    }

    private void Transmit(in Datagram datagram)
    {
        var to = datagram.Path.Remote.ToIPEndPoint();
        if (_socket.AddressFamily == AddressFamily.InterNetworkV6 && to.AddressFamily == AddressFamily.InterNetwork)
        {
            to = new IPEndPoint(to.Address.MapToIPv6(), to.Port);
        }

        try
        {
            _ = _socket.SendTo(datagram.Data.Span, to);
        }
        catch (SocketException)
        {
            // No route to this candidate: others may do.
        }
    }

    private void Note(PeerEvent happened)
    {
        switch (happened)
        {
            case PeerEvent.StateChanged { State: PeerState.Connected }:
                _ = _connected.TrySetResult();
                break;
            case PeerEvent.StateChanged { State: PeerState.Closed } closed:
                _ = _connected.TrySetException(new IOException($"The connection closed: {closed.Reason} {closed.Detail}"));
                _ = _closed.TrySetResult(closed.Reason);
                foreach (var opening in _openings.Values)
                {
                    _ = opening.TrySetException(new IOException($"The connection closed: {closed.Reason} {closed.Detail}"));
                }

                break;
            case PeerEvent.ChannelOpened opened when _openings.Remove(opened.ChannelId, out var opening):
                _ = opening.TrySetResult();
                break;
        }

        _ = _events.Writer.TryWrite(happened);
        if (happened is PeerEvent.StateChanged { State: PeerState.Closed })
        {
            _ = _events.Writer.TryComplete();
        }
    }
}
