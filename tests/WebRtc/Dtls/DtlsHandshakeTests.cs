using System.Security.Cryptography;
using AsrHub.Rtc.Crypto.Srtp;
using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.WebRtc.Tests.Dtls;

public sealed class DtlsHandshakeTests
{
    [Theory]
    [InlineData("SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", SrtpProfile.AeadAes128Gcm)]
    [InlineData("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", SrtpProfile.AeadAes128Gcm)]
    [InlineData("SRTP_AES128_CM_SHA1_80", SrtpProfile.Aes128CmHmacSha1Tag80)]
    public void What_one_side_protects_the_other_opens(string offered, SrtpProfile profile)
    {
        using var pair = new DtlsPair(clientProfiles: offered);
        Assert.False(pair.Server.TryCreateSrtp(out _, out _));
        pair.Start();
        pair.Run();

        Assert.Equal(Micros.Never, pair.Server.NextTimeout);
        Assert.True(pair.Client.TryCreateSrtp(out var clientReceiver, out var clientSender));
        Assert.True(pair.Server.TryCreateSrtp(out var serverReceiver, out var serverSender));
        using (clientReceiver)
        using (clientSender)
        using (serverReceiver)
        using (serverSender)
        {
            Assert.Equal(profile, serverReceiver.Profile);
            AssertFlows(clientSender, serverReceiver);
            AssertFlows(serverSender, clientReceiver);
        }
    }

    [Theory]
    [InlineData(256)]
    [InlineData(300)]
    [InlineData(576)]
    [InlineData(1_200)]
    [InlineData(1_400)]
    public void No_datagram_is_larger_than_the_mtu(int mtu)
    {
        using var pair = new DtlsPair(new DtlsOptions { Mtu = mtu });
        pair.Start();
        pair.Run();

        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.Equal(DtlsState.Connected, pair.Client.State);
        Assert.All(pair.Sent, sent => Assert.InRange(sent.Data.Length, 1, mtu));
        Assert.True(pair.Client.Send(new byte[pair.Client.MaxPayload]));
        Assert.False(pair.Client.Send(new byte[pair.Client.MaxPayload + 1]));
        Assert.InRange(Assert.Single(DtlsPair.Drain(pair.Client)).Length, 1, mtu);
    }

    [Fact]
    public void Fragments_in_reverse_order_are_put_together()
    {
        using var pair = new DtlsPair(new DtlsOptions { Mtu = 256 });
        pair.Wire = static (_, datagrams) => Enumerable.Reverse(datagrams);
        pair.Start();
        pair.Run();

        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.Equal(DtlsState.Connected, pair.Client.State);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(1_200)]
    public void Any_one_datagram_may_be_lost(int mtu)
    {
        var options = new DtlsOptions { Mtu = mtu };
        int total;
        using (var pair = new DtlsPair(options))
        {
            pair.Start();
            pair.Run();
            total = pair.Sent.Count;
        }

        Assert.InRange(total, 4, 40);
        for (var lost = 0; lost < total; lost++)
        {
            using var pair = new DtlsPair(options);
            var seen = 0;
            pair.Wire = (_, datagrams) => datagrams.Where(_ => seen++ != lost).ToList();
            pair.Start();
            pair.Run();
            Assert.True(pair.Client.State == DtlsState.Connected && pair.Server.State == DtlsState.Connected, $"Datagram {lost} of {total} at MTU {mtu} was lost.");
        }
    }

    [Fact]
    public void Every_datagram_may_come_twice()
    {
        using var pair = new DtlsPair(new DtlsOptions { Mtu = 300 });
        pair.Wire = static (_, datagrams) => datagrams.Concat(datagrams);
        pair.Start();
        pair.Run();

        Assert.Equal(DtlsState.Connected, pair.Client.State);
        Assert.Equal(DtlsState.Connected, pair.Server.State);
    }

    [Fact]
    public void A_peer_that_missed_the_last_flight_a_hundred_times_still_gets_it()
    {
        using var pair = new DtlsPair(new DtlsOptions { HandshakeTimeout = 300 * Micros.Second });
        var dropped = 0;
        pair.Wire = (fromClient, datagrams) =>
        {
            if (!fromClient && pair.Server.State == DtlsState.Connected && dropped < 100)
            {
                dropped++;
                return [];
            }

            return datagrams;
        };
        pair.Start();
        pair.Run(300 * Micros.Second);

        Assert.Equal(100, dropped);
        Assert.Equal(DtlsState.Connected, pair.Client.State);
        Assert.Equal(DtlsState.Connected, pair.Server.State);
    }

    [Fact]
    public void A_wrong_certificate_ends_the_handshake_before_there_are_keys()
    {
        using var other = DtlsCertificate.Create();
        using var pair = new DtlsPair(serverExpects: other.Fingerprint);
        pair.Start();
        pair.Run();

        Assert.Equal(DtlsState.Closed, pair.Server.State);
        Assert.Equal(DtlsEnd.FingerprintMismatch, pair.Server.End);
        Assert.False(pair.Server.TryCreateSrtp(out _, out _));
        Assert.NotEqual(DtlsState.Connected, pair.Client.State);
    }

    [Theory]
    [InlineData("sha-256")]
    [InlineData("sha-384")]
    [InlineData("sha-512")]
    public void Every_supported_hash_can_prove_the_certificate(string algorithm)
    {
        using var certificate = DtlsCertificate.Create();
        using var client = new DtlsEndpoint(DtlsRole.Client, certificate, certificate.Fingerprint);
        using var server = new DtlsEndpoint(DtlsRole.Server, certificate, HashOf(certificate, algorithm));
        server.Start(0);
        client.Start(0);
        for (var i = 0; i < 3; i++)
        {
            DtlsPair.Drain(client).ForEach(datagram => server.Receive(datagram, 0));
            DtlsPair.Drain(server).ForEach(datagram => client.Receive(datagram, 0));
        }

        Assert.Equal(DtlsState.Connected, server.State);
    }

    [Fact]
    public void Certificates_differ()
    {
        using var first = DtlsCertificate.Create();
        using var second = DtlsCertificate.Create();
        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
    }

    [Fact]
    public void A_client_without_certificate_is_refused()
    {
        using var pair = new DtlsPair(clientShowsCertificate: false);
        pair.Start();
        pair.Run();

        Assert.Equal(DtlsEnd.Failed, pair.Server.End);
        Assert.False(pair.Server.TryCreateSrtp(out _, out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("SRTP_AES128_CM_SHA1_32")]
    public void A_client_without_a_common_srtp_profile_is_refused(string? profiles)
    {
        using var pair = new DtlsPair(clientProfiles: profiles);
        pair.Start();
        pair.Run();

        Assert.Equal(DtlsEnd.Failed, pair.Server.End);
        Assert.Contains("SRTP", pair.Server.EndDetail, StringComparison.Ordinal);
        Assert.False(pair.Server.TryCreateSrtp(out _, out _));
    }

    [Fact]
    public void A_silent_peer_ends_at_the_cap()
    {
        using var pair = new DtlsPair();
        pair.Wire = static (_, _) => [];
        pair.Start();
        var start = pair.Now;
        pair.Run();

        Assert.Equal(DtlsEnd.Timeout, pair.Server.End);
        Assert.Equal(DtlsEnd.Timeout, pair.Client.End);
        Assert.Equal(start + DtlsOptions.Default.HandshakeTimeout, pair.Now);
        Assert.InRange(pair.Sent.Count, 5, 25);
    }

    [Fact]
    public void Unprotected_alerts_are_not_believed()
    {
        using var pair = new DtlsPair();
        byte[] alert = [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40];
        pair.Wire = (_, datagrams) => datagrams.SelectMany(d => new[] { alert, d });
        pair.Start();
        pair.Run();

        Assert.Equal(DtlsState.Connected, pair.Client.State);
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        pair.Server.Receive(alert, pair.Now);
        Assert.Equal(DtlsState.Connected, pair.Server.State);
    }

    private static SdpFingerprint HashOf(DtlsCertificate certificate, string algorithm)
    {
        var der = certificate.Encode();
        return new SdpFingerprint(algorithm, algorithm switch
        {
            "sha-256" => SHA256.HashData(der),
            "sha-384" => SHA384.HashData(der),
            _ => SHA512.HashData(der),
        });
    }

    private static void AssertFlows(SrtpSender sender, SrtpReceiver receiver)
    {
        byte[] plain = [0x80, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 42];
        var packet = new byte[plain.Length + SrtpSender.MaxOverhead];
        plain.CopyTo(packet, 0);
        Assert.Equal(SrtpStatus.Ok, sender.TryProtectRtp(packet, plain.Length, out var protectedLength));
        Assert.Equal(SrtpStatus.Ok, receiver.TryUnprotectRtp(packet.AsSpan(0, protectedLength), out var length));
        Assert.Equal(plain, packet[..length]);
    }
}
