using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

/// <summary>A client peer on real sockets: a thread moves its datagrams and timers.</summary>
internal sealed class SocketClient : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Socket> _sockets = [];
    private readonly byte[] _buffer = new byte[2048];
    private readonly Thread _thread;
    private readonly List<PeerEvent> _events = [];
    private volatile bool _isStopping;

    public SocketClient(ClientPeerOptions? options = null, string address = "127.0.0.1", int sockets = 1)
    {
        Peer = new OfferingPeer((options ?? ClientPeerOptions.Default) with { LocalSockets = sockets });
        for (var i = 0; i < sockets; i++)
        {
            AddSocket(address);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "socket-client" };
    }

    public OfferingPeer Peer { get; }

    /// <summary>While true, what the server sends is thrown away.</summary>
    public bool IsDeaf { get; set; }

    public PeerState State => Locked(p => p.State);

    public IReadOnlyList<PeerEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public IEnumerable<string> Texts => Events.OfType<PeerEvent.MessageReceived>().Select(m => Encoding.UTF8.GetString(m.Data.Span));

    private static long Now => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / Micros.Second);

    public void AcceptAnswer(string answer)
    {
        Locked(p => p.AcceptAnswer(answer, Now));
        if ((_thread.ThreadState & System.Threading.ThreadState.Unstarted) != 0)
        {
            _thread.Start();
        }
    }

    public void SendAudio(string payload) => Locked(p => Assert.True(p.SendAudio(Encoding.UTF8.GetBytes(payload))));

    public PeerSendResult SendText(ushort channel, string text) => Locked(p => p.Send(channel, Encoding.UTF8.GetBytes(text), true, Now));

    public ushort OpenChannel(string label) => Locked(p => p.OpenChannel(label, string.Empty, Now)) ?? throw new InvalidOperationException("no association");

    /// <summary>Opens the channel for events and waits for the first.</summary>
    public async Task<ushort> ListenAsync()
    {
        var channel = OpenChannel("oai-events");
        await Eventually.Holds(() => Texts.Any());
        return channel;
    }

    public string Restart() => Locked(p => p.Restart());

    public void Close() => Locked(p => p.Close(Now));

    /// <summary>Moves to a new local port, as after a change of network: checks from it, nominates it, and sends there from then on.</summary>
    public async Task Rebind()
    {
        var server = Locked(p => p.Ice.SelectedPath!.Value.Remote);
        TransportPath path = default;
        Locked(p =>
        {
            AddSocket("127.0.0.1");
            path = new TransportPath(_sockets.Count - 1, server);
            p.Ice.AddPath(path, Now);
            p.Ice.Nominate(path, Now);
        });
        await Eventually.Holds(() => Locked(p => p.Ice.SelectedPath == path));
    }

    public T Locked<T>(Func<OfferingPeer, T> action)
    {
        lock (_lock)
        {
            var result = action(Peer);
            Drain();
            return result;
        }
    }

    public void Locked(Action<OfferingPeer> action) => Locked(p =>
    {
        action(p);
        return true;
    });

    public void Dispose()
    {
        if (_isStopping)
        {
            return;
        }

        _isStopping = true;
        if ((_thread.ThreadState & System.Threading.ThreadState.Unstarted) == 0)
        {
            _thread.Join();
        }

        Peer.Dispose();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private void AddSocket(string address)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), 0);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(endPoint);
        _sockets.Add(socket);
    }

    private void Run()
    {
        while (!_isStopping)
        {
            Socket[] sockets;
            lock (_lock)
            {
                sockets = [.. _sockets];
            }

            List<Socket> readable = [.. sockets];
            Socket.Select(readable, null, null, 2_000);
            lock (_lock)
            {
                foreach (var socket in readable)
                {
                    Receive(socket, Array.IndexOf(sockets, socket));
                }

                if (Peer.NextTimeout <= Now)
                {
                    Peer.OnTimeout(Now);
                }

                Drain();
            }
        }
    }

    private void Receive(Socket socket, int index)
    {
        while (socket.Available > 0)
        {
            EndPoint from = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
            var length = socket.ReceiveFrom(_buffer, ref from);
            if (!IsDeaf)
            {
                Peer.Receive(_buffer.AsSpan(0, length), new TransportPath(index, TransportAddress.From((IPEndPoint)from)), Now);
            }
        }
    }

    private void Drain()
    {
        while (Peer.TryTransmit(out var datagram))
        {
            var socket = _sockets[datagram.Path.LocalSocket];
            var to = datagram.Path.Remote.ToIPEndPoint();
            if (to.AddressFamily == socket.AddressFamily)
            {
                _ = socket.SendTo(datagram.Data.Span, to);
            }
        }

        while (Peer.TryEvent(out var happened))
        {
            _events.Add(happened!);
        }
    }
}
