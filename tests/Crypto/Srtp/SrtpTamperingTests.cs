using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AsrHub.Rtc.Crypto.Srtp;

namespace AsrHub.Rtc.Crypto.Tests.Srtp;

/// <summary>No changed, cut or foreign packet gets through, leaves state behind, or throws (RFC 3711 s3.3, traps 41, 45, 48).</summary>
public sealed partial class SrtpTamperingTests
{
    public static TheoryData<SrtpProfile> Profiles => SrtpPair.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_one_bit_flip_of_an_rtp_packet_is_refused_and_leaves_no_state(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var good = pair.Send(300);
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var bad = Flip(good, bit);
            var copy = bad.ToArray();
            Assert.NotEqual(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtp(bad, out var length));
            Assert.Equal(0, length);
            Assert.Equal(copy, bad);
        }

        Assert.Equal(0, pair.Receiver.RtpStreamCount);
        Assert.Equal(SrtpStatus.Ok, pair.Receive(good));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_one_bit_flip_of_an_rtcp_packet_is_refused_and_leaves_no_state(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var good = SrtpPair.ProtectRtcp(pair.Sender, SrtpPair.Rtcp());
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var bad = Flip(good, bit);
            var copy = bad.ToArray();
            Assert.NotEqual(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtcp(bad, out var length));
            Assert.Equal(0, length);
            Assert.Equal(copy, bad);
        }

        Assert.Equal(0, pair.Receiver.RtcpStreamCount);
        Assert.Equal(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtcp(good, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtcp_without_encryption_is_accepted_only_with_a_good_tag(SrtpProfile profile)
    {
        var material = SrtpPair.Material(profile);
        var parameters = SrtpProfileParameters.Of(profile);
        using var transform = SrtpTransform.Create(
            profile, material.AsSpan(0, parameters.KeyLength), material.AsSpan(2 * parameters.KeyLength, parameters.SaltLength), encrypt: true);
        using var pair = new SrtpPair(profile);
        var plain = SrtpPair.Rtcp();
        var packet = new byte[plain.Length + parameters.TagLength + 4];
        plain.CopyTo(packet, 0);
        transform.SealRtcp(packet, SrtpPair.Ssrc, 9);
        Assert.Equal(plain, packet[..plain.Length]);

        for (var bit = 0; bit < packet.Length * 8; bit++)
        {
            Assert.NotEqual(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtcp(Flip(packet, bit), out _));
        }

        Assert.Equal(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtcp(packet.ToArray(), out var length));
        Assert.Equal(plain.Length, length);
        Assert.Equal(SrtpStatus.Replayed, pair.Receiver.TryUnprotectRtcp(packet, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_prefix_of_a_packet_is_refused(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var rtp = pair.Send(1);
        for (var length = 0; length < rtp.Length; length++)
        {
            Assert.NotEqual(SrtpStatus.Ok, pair.Receive(rtp[..length]));
        }

        var rtcp = SrtpPair.ProtectRtcp(pair.Sender, SrtpPair.Rtcp());
        for (var length = 0; length < rtcp.Length; length++)
        {
            Assert.NotEqual(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtcp(rtcp.AsSpan(0, length).ToArray(), out _));
        }

        Assert.Equal(0, pair.Receiver.RtpStreamCount + pair.Receiver.RtcpStreamCount);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_flood_of_unauthenticated_sources_leaves_no_state(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var random = new Random(1);
        var packet = new byte[120];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(packet);
            packet[0] = 0x80;
            Assert.Equal(SrtpStatus.AuthenticationFailed, pair.Receiver.TryUnprotectRtp(packet, out _));
            Assert.Equal(SrtpStatus.AuthenticationFailed, pair.Receiver.TryUnprotectRtcp(packet, out _));
        }

        Assert.Equal(0, pair.Receiver.RtpStreamCount);
        Assert.Equal(0, pair.Receiver.RtcpStreamCount);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_forged_newer_packet_does_not_move_the_stream(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        Assert.Equal(SrtpStatus.Ok, pair.Receive(pair.Send(65_000)));
        var next = pair.Send(65_001);
        var forged = next.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(forged.AsSpan(2), 20);
        Assert.Equal(SrtpStatus.AuthenticationFailed, pair.Receive(forged));
        Assert.Equal(SrtpStatus.Ok, pair.Receive(next));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Keys_of_one_direction_do_not_open_the_other(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var forth = pair.Send(1);
        var back = SrtpPair.Protect(pair.BackSender, SrtpPair.Rtp(1));
        Assert.NotEqual(forth, back);
        Assert.Equal(SrtpStatus.AuthenticationFailed, pair.Receive(back));
        Assert.Equal(SrtpStatus.AuthenticationFailed, pair.BackReceiver.TryUnprotectRtp(forth.ToArray(), out _));
        Assert.Equal(SrtpStatus.Ok, pair.Receive(forth));
        Assert.Equal(SrtpStatus.Ok, pair.BackReceiver.TryUnprotectRtp(back, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_header_extension_past_the_end_is_malformed(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var packet = new byte[12 + 4 + 4 + 16];
        packet[0] = 0x90;
        packet[15] = 200;
        Assert.Equal(SrtpStatus.Malformed, pair.Receive(packet));
        packet[0] = 0x9F;
        Assert.Equal(SrtpStatus.Malformed, pair.Receive(packet));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Contributing_sources_and_extensions_stay_readable_and_are_authenticated(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var plain = new byte[12 + 8 + 4 + 8 + 40];
        new Random(3).NextBytes(plain);
        plain[0] = 0x92;
        BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(22), 2);
        var sealedPacket = SrtpPair.Protect(pair.Sender, plain);
        Assert.Equal(plain[..32], sealedPacket[..32]);
        Assert.NotEqual(plain[32..72], sealedPacket[32..72]);
        Assert.Equal(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtp(sealedPacket, out var length));
        Assert.Equal(plain, sealedPacket[..length]);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_refused_packet_leaves_no_error_for_the_next_user_of_openssl_on_this_thread(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        Assert.Equal(0ul, PeekError());
        Assert.Equal(SrtpStatus.AuthenticationFailed, pair.Receive(Flip(pair.Send(1), 200)));
        Assert.Equal(SrtpStatus.AuthenticationFailed, pair.Receiver.TryUnprotectRtcp(Flip(SrtpPair.ProtectRtcp(pair.Sender, SrtpPair.Rtcp()), 200), out _));

        // SSL_get_error would take such an error for its own.
        Assert.Equal(0ul, PeekError());
    }

    [LibraryImport("libcrypto.so.3", EntryPoint = "ERR_peek_error")]
    private static partial nuint PeekError();

    private static byte[] Flip(byte[] packet, int bit)
    {
        var copy = packet.ToArray();
        copy[bit / 8] ^= (byte)(1 << (bit % 8));
        return copy;
    }
}
