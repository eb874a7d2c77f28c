using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AsrHub.Rtc.MediaServer.Tests.Turn;

/// <summary>As much of a TURN client (RFC 8656) as it takes to ask for an allocation and a permission, with long-term credentials.</summary>
internal sealed class TurnProbe : IDisposable
{
    private const ushort Allocate = 0x0003;
    private const ushort CreatePermission = 0x0008;
    private const ushort UserName = 0x0006;
    private const ushort MessageIntegrity = 0x0008;
    private const ushort ErrorCode = 0x0009;
    private const ushort XorPeerAddress = 0x0012;
    private const ushort Realm = 0x0014;
    private const ushort Nonce = 0x0015;
    private const ushort RequestedTransport = 0x0019;
    private const uint Cookie = 0x2112A442;
    private const int HeaderLength = 20;

    private readonly UdpClient _socket = new(AddressFamily.InterNetwork);
    private (string User, byte[] Key, byte[] Realm, byte[] Nonce)? _login;

    public TurnProbe(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>Asks for an allocation; 0, or the error's number.</summary>
    public async Task<int> AllocateAsync(string user, string password)
    {
        (ushort, byte[])[] wanted = [(RequestedTransport, [17, 0, 0, 0])];
        var challenge = await AskAsync(Allocate, wanted);
        Assert.Equal(401, ErrorOf(challenge));
        var realm = challenge[Realm];
#pragma warning disable CA5351 // RFC 8489 s9.2.2 fixes MD5 for the long-term key.
        var key = MD5.HashData(Encoding.UTF8.GetBytes($"{user}:{Encoding.UTF8.GetString(realm)}:{password}"));
#pragma warning restore CA5351
        _login = (user, key, realm, challenge[Nonce]);
        return ErrorOf(await AskAsync(Allocate, wanted));
    }

    /// <summary>Asks to send to a peer; 0, or the error's number.</summary>
    public async Task<int> PermitAsync(IPAddress peer)
    {
        var value = new byte[8];
        value[1] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), BinaryPrimitives.ReadUInt32BigEndian(peer.GetAddressBytes()) ^ Cookie);
        return ErrorOf(await AskAsync(CreatePermission, [(XorPeerAddress, value)]));
    }

    public void Dispose() => _socket.Dispose();

    private static int ErrorOf(Dictionary<ushort, byte[]> answer) => answer.TryGetValue(ErrorCode, out var error) ? (error[2] * 100) + error[3] : 0;

    private async Task<Dictionary<ushort, byte[]>> AskAsync(ushort method, (ushort Type, byte[] Value)[] attributes)
    {
        var answer = await ExchangeAsync(Request(method, attributes));
        var parsed = new Dictionary<ushort, byte[]>();
        for (var at = HeaderLength; at + 4 <= answer.Length;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(at + 2));
            parsed[BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(at))] = answer.AsSpan(at + 4, length).ToArray();
            at += 4 + ((length + 3) & ~3);
        }

        return parsed;
    }

    // UDP: what gets no answer is sent again (RFC 8489 s6.2.1), also where the server's socket is not open yet.
    private async Task<byte[]> ExchangeAsync(byte[] request)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await _socket.SendAsync(request);
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
                while (true)
                {
                    var answer = (await _socket.ReceiveAsync(patience.Token)).Buffer;
                    if (answer.AsSpan(8, 12).SequenceEqual(request.AsSpan(8, 12)))
                    {
                        return answer;
                    }
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException && tries < 30)
            {
                await Task.Delay(100);
            }
        }
    }

    private byte[] Request(ushort method, (ushort Type, byte[] Value)[] attributes)
    {
        var bytes = new List<byte>(new byte[HeaderLength]);
        foreach (var (type, value) in attributes)
        {
            Add(bytes, type, value);
        }

        if (_login is { } login)
        {
            Add(bytes, UserName, Encoding.UTF8.GetBytes(login.User));
            Add(bytes, Realm, login.Realm);
            Add(bytes, Nonce, login.Nonce);
        }

        var header = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt16BigEndian(header, method);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), Cookie);
        RandomNumberGenerator.Fill(header.AsSpan(8));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(bytes.Count - HeaderLength + (_login is null ? 0 : 24)));
        for (var i = 0; i < HeaderLength; i++)
        {
            bytes[i] = header[i];
        }

        if (_login is { } proof)
        {
#pragma warning disable CA5350 // RFC 8489 s14.5 fixes HMAC-SHA1.
            Add(bytes, MessageIntegrity, HMACSHA1.HashData(proof.Key, bytes.ToArray()));
#pragma warning restore CA5350
        }

        return [.. bytes];
    }

    private static void Add(List<byte> bytes, ushort type, byte[] value)
    {
        bytes.AddRange([(byte)(type >> 8), (byte)type, (byte)(value.Length >> 8), (byte)value.Length]);
        bytes.AddRange(value);
        while (bytes.Count % 4 != 0)
        {
            bytes.Add(0);
        }
    }
}
