using System.Net;
using System.Net.Sockets;
using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.WebRtc.Dtls;

namespace AsrHub.Rtc.Simulation.Tests;

/// <summary>The runner that other tests connect to a real server with, against one peer on one loopback socket.</summary>
public sealed class UdpClientPeerTests
{
    [Fact]
    public async Task A_call_over_loopback_speaks_echoes_and_closes()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var certificate = DtlsCertificate.Create();
        await using var client = new UdpClientPeer();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = TransportAddress.From((IPEndPoint)socket.LocalEndPoint!);
        using var server = Peer.Accept(client.OfferSdp, new PeerOptions { Candidates = [address] }, certificate, UdpClientPeer.Now);
        var frames = 0;
        var serving = Task.Run(() => frames = Serve(server, socket, timeout.Token), timeout.Token);

        await client.ConnectAsync(server.AnswerSdp, timeout.Token);
        var channel = await client.OpenChannelAsync("oai-events", cancellationToken: timeout.Token);
        await client.SpeakAsync(Enumerable.Repeat(new byte[60], 10).ToList(), cancellationToken: timeout.Token);
        Assert.Equal(PeerSendResult.Ok, client.Send(channel, "echo"u8, isText: true));
        PeerEvent.MessageReceived? echo = null;
        while (echo is null)
        {
            echo = await client.Events.ReadAsync(timeout.Token) as PeerEvent.MessageReceived;
        }

        Assert.Equal("echo"u8.ToArray(), echo.Data.ToArray());
        client.Close();
        Assert.Equal(PeerCloseReason.Local, await client.Closed);
        await serving.WaitAsync(timeout.Token);
        Assert.Equal(PeerCloseReason.Remote, server.CloseReason);
        Assert.Equal(10, frames);
    }

    private static int Serve(Peer server, Socket socket, CancellationToken cancellationToken)
    {
        var frames = 0;
        var buffer = new byte[2_048];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (server.State != PeerState.Closed && !cancellationToken.IsCancellationRequested)
        {
            if (socket.Poll(5_000, SelectMode.SelectRead))
            {
                var length = socket.ReceiveFrom(buffer, ref from);
                server.Receive(buffer.AsSpan(0, length), new TransportPath(0, TransportAddress.From((IPEndPoint)from)), UdpClientPeer.Now);
            }

            if (server.NextTimeout <= UdpClientPeer.Now)
            {
                server.OnTimeout(UdpClientPeer.Now);
            }

            while (server.TryReadFrame(out _))
            {
                frames++;
            }

            while (server.TryEvent(out var happened))
            {
                if (happened is PeerEvent.MessageReceived message)
                {
                    _ = server.Send(message.ChannelId, message.Data.Span, message.IsText, UdpClientPeer.Now);
                }
            }

            while (server.TryTransmit(out var datagram))
            {
                _ = socket.SendTo(datagram.Data.Span, datagram.Path.Remote.ToIPEndPoint());
            }
        }

        return frames;
    }
}
