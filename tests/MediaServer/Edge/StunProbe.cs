using System.Net;
using System.Net.Sockets;
using System.Text;
using AsrHub.Rtc.WebRtc.Sdp;
using AsrHub.Rtc.WebRtc.Stun;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

/// <summary>A bare socket that sends connectivity checks, right or wrong, and sees who answers.</summary>
internal sealed class StunProbe : IDisposable
{
    private readonly Socket _socket;

    public StunProbe(string address = "127.0.0.1")
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), 0);
        _socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        _socket.Bind(endPoint);
    }

    public static byte[] Check(string offer, string answer, string? ufrag = null, string? password = null)
    {
        var remote = SessionDescription.Parse(answer).Media[0].Attributes;
        var local = SessionDescription.Parse(offer);
        var localUfrag = local.Media[0].Attributes["ice-ufrag"] ?? local.Attributes["ice-ufrag"];
        var buffer = new byte[256];
        var writer = new StunWriter(buffer, StunClass.Request, StunMessage.BindingMethod, "transaction!"u8);
        writer.Add(StunAttributeType.Username, Encoding.ASCII.GetBytes($"{ufrag ?? remote["ice-ufrag"]}:{localUfrag}"));
        writer.Add(StunAttributeType.IceControlling, 1UL);
        writer.Add(StunAttributeType.Priority, 1u);
        writer.AddIntegrity(Encoding.ASCII.GetBytes(password ?? remote["ice-pwd"]!));
        writer.AddFingerprint();
        return buffer[..writer.Length];
    }

    public void Send(ReadOnlySpan<byte> datagram, string address, int port) => _socket.SendTo(datagram, new IPEndPoint(IPAddress.Parse(address), port));

    /// <summary>Waits for an answer.</summary>
    /// <returns>Its class and error code, and who sent it.</returns>
    public (StunClass Class, int Code, IPEndPoint From) Receive()
    {
        var buffer = new byte[2048];
        EndPoint from = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var length = _socket.ReceiveFrom(buffer, ref from);
        Assert.True(StunMessage.TryParse(buffer.AsSpan(0, length), out var message));
        _ = message.TryGetErrorCode(out var code);
        return (message.Class, code, (IPEndPoint)from);
    }

    public bool HasNothing => _socket.Available == 0;

    public void Dispose() => _socket.Dispose();
}
