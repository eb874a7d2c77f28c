using System.Buffers.Binary;
using AsrHub.Rtc.Crypto.Srtp;

namespace AsrHub.Rtc.Crypto.Tests.Srtp;

/// <summary>A client that sends and a server that receives, joined by one exporter output.</summary>
internal sealed class SrtpPair : IDisposable
{
    public const uint Ssrc = 0xCAFE_BABE;

    private readonly SrtpReceiver _clientReceiver;
    private readonly SrtpSender _serverSender;

    public SrtpPair(SrtpProfile profile)
    {
        var material = Material(profile);
        (_clientReceiver, Sender) = SrtpKeys.FromExporter(profile, material, isServer: false);
        (Receiver, _serverSender) = SrtpKeys.FromExporter(profile, material, isServer: true);
    }

    public static TheoryData<SrtpProfile> Profiles => [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1Tag80];

    /// <summary>Client to server.</summary>
    public SrtpSender Sender { get; }

    /// <summary>The server's ear.</summary>
    public SrtpReceiver Receiver { get; }

    /// <summary>Server to client.</summary>
    public SrtpSender BackSender => _serverSender;

    /// <summary>The client's ear.</summary>
    public SrtpReceiver BackReceiver => _clientReceiver;

    public static byte[] Material(SrtpProfile profile, int seed = 7)
    {
        var material = new byte[SrtpProfileParameters.Of(profile).ExporterLength];
        new Random(seed).NextBytes(material);
        return material;
    }

    public static byte[] Rtp(ushort sequence, uint ssrc = Ssrc, int payloadLength = 80)
    {
        var packet = new byte[12 + payloadLength];
        packet[0] = 0x80;
        packet[1] = 111;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), sequence * 960u);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        for (var i = 12; i < packet.Length; i++)
        {
            packet[i] = (byte)(sequence + i);
        }

        return packet;
    }

    public static byte[] Rtcp(uint ssrc = Ssrc)
    {
        var packet = new byte[28];
        packet[0] = 0x80;
        packet[1] = 200;
        packet[3] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        for (var i = 8; i < packet.Length; i++)
        {
            packet[i] = (byte)i;
        }

        return packet;
    }

    public static byte[] Protect(SrtpSender sender, byte[] packet)
    {
        var buffer = new byte[packet.Length + SrtpSender.MaxOverhead];
        packet.CopyTo(buffer, 0);
        Assert.Equal(SrtpStatus.Ok, sender.TryProtectRtp(buffer, packet.Length, out var length));
        return buffer[..length];
    }

    public static byte[] ProtectRtcp(SrtpSender sender, byte[] packet)
    {
        var buffer = new byte[packet.Length + SrtpSender.MaxOverhead];
        packet.CopyTo(buffer, 0);
        Assert.Equal(SrtpStatus.Ok, sender.TryProtectRtcp(buffer, packet.Length, out var length));
        return buffer[..length];
    }

    public byte[] Send(ushort sequence, uint ssrc = Ssrc) => Protect(Sender, Rtp(sequence, ssrc));

    public SrtpStatus Receive(byte[] packet) => Receiver.TryUnprotectRtp(packet.ToArray(), out _);

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
        _clientReceiver.Dispose();
        _serverSender.Dispose();
    }
}
