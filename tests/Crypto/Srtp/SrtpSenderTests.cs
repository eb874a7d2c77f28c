using AsrHub.Rtc.Crypto.Srtp;

namespace AsrHub.Rtc.Crypto.Tests.Srtp;

/// <summary>What a sender refuses: using an index twice gives the keystream away (RFC 3711 s9.1, trap 50).</summary>
public sealed class SrtpSenderTests
{
    public static TheoryData<SrtpProfile> Profiles => SrtpPair.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void What_is_sent_is_what_arrives_at_any_payload_length(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        for (ushort i = 0; i < 200; i++)
        {
            var plain = SrtpPair.Rtp(i, payloadLength: i);
            var packet = SrtpPair.Protect(pair.Sender, plain);
            Assert.Equal(plain.Length + SrtpProfileParameters.Of(profile).TagLength, packet.Length);
            Assert.Equal(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtp(packet, out var length));
            Assert.Equal(plain, packet[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtcp_arrives_as_it_was_sent(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var plain = SrtpPair.Rtcp();
        for (var i = 0; i < 3; i++)
        {
            var packet = SrtpPair.ProtectRtcp(pair.Sender, plain);
            Assert.NotEqual(plain[8..], packet[8..plain.Length]);
            Assert.Equal(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtcp(packet, out var length));
            Assert.Equal(plain, packet[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void An_index_is_not_used_twice(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        _ = pair.Send(65_535);
        _ = pair.Send(0);
        foreach (var sequence in new ushort[] { 0, 65_535, 65_000 })
        {
            var packet = SrtpPair.Rtp(sequence);
            var buffer = new byte[packet.Length + SrtpSender.MaxOverhead];
            packet.CopyTo(buffer, 0);
            Assert.Equal(SrtpStatus.IndexReused, pair.Sender.TryProtectRtp(buffer, packet.Length, out var length));
            Assert.Equal(0, length);
            Assert.Equal(packet, buffer[..packet.Length]);
        }
    }

    [Fact]
    public void Rtcp_stops_when_its_indices_are_used_up()
    {
        var profile = SrtpProfile.AeadAes128Gcm;
        using var sender = new SrtpSender(
            profile, SrtpTransform.Create(profile, new byte[16], new byte[12], encrypt: true), firstRtcpIndex: 0x7FFF_FFFF);
        _ = SrtpPair.ProtectRtcp(sender, SrtpPair.Rtcp());
        Assert.Equal(SrtpStatus.KeyExhausted, sender.TryProtectRtcp(new byte[100], 28, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_buffer_without_room_for_the_tag_is_refused(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var packet = SrtpPair.Rtp(1);
        Assert.Equal(SrtpStatus.BufferTooSmall, pair.Sender.TryProtectRtp(packet, packet.Length, out _));
        Assert.Equal(SrtpStatus.TooShort, pair.Sender.TryProtectRtp(packet, 11, out _));
        Assert.Equal(SrtpStatus.BufferTooSmall, pair.Sender.TryProtectRtcp(new byte[32], 28, out _));
        Assert.Equal(SrtpStatus.TooShort, pair.Sender.TryProtectRtcp(new byte[64], 4, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Sending_and_receiving_allocate_nothing_per_packet(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var buffer = new byte[200];
        var plain = SrtpPair.Rtp(0);
        ushort sequence = 0;
        RoundTrip();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            RoundTrip();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void RoundTrip()
        {
            plain[2] = (byte)(sequence >> 8);
            plain[3] = (byte)sequence++;
            plain.AsSpan().CopyTo(buffer);
            var sent = pair.Sender.TryProtectRtp(buffer, plain.Length, out var length);
            var received = pair.Receiver.TryUnprotectRtp(buffer.AsSpan(0, length), out _);
            if (sent != SrtpStatus.Ok || received != SrtpStatus.Ok)
            {
                throw new InvalidOperationException($"{sent}, {received}");
            }
        }
    }

    [Fact]
    public void Keying_material_of_the_wrong_length_is_named()
    {
        var error = Assert.Throws<ArgumentException>(() => SrtpKeys.FromExporter(SrtpProfile.AeadAes128Gcm, new byte[60], isServer: true));
        Assert.Contains("56", error.Message, StringComparison.Ordinal);
        Assert.Equal(60, SrtpProfileParameters.Of(SrtpProfile.Aes128CmHmacSha1Tag80).ExporterLength);
    }
}
