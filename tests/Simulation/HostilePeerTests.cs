using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.Simulation.Tests.Network;
using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Ice;

namespace AsrHub.Rtc.Simulation.Tests;

/// <summary>Who lies about itself gets no keys, and who was not asked changes nothing.</summary>
public sealed class HostilePeerTests
{
    private static readonly TransportAddress Stranger = new([203, 0, 113, 66], 6_666);

    [Fact]
    public void A_certificate_that_was_not_offered_ends_the_call_without_keys()
    {
        using var other = DtlsCertificate.Create();
        using var call = new SimulatedCall(1, client: new ClientPeerOptions { OfferedFingerprint = other.Fingerprint });
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Closed), call.ToString());

        Assert.Equal(PeerCloseReason.FingerprintMismatch, call.Server.CloseReason);
        Assert.DoesNotContain(call.ServerEvents, happened => happened is PeerEvent.StateChanged { State: PeerState.Connected });
        Assert.NotEqual(PeerState.Connected, call.Client.State);
        Assert.False(call.Client.SendAudio([1]));
    }

    [Fact]
    public void A_client_without_certificate_is_refused()
    {
        using var call = new SimulatedCall(1, client: new ClientPeerOptions { ShowCertificate = false });
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Closed), call.ToString());
        Assert.Equal(PeerCloseReason.DtlsFailed, call.Server.CloseReason);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("SRTP_AES128_CM_SHA1_32")]
    public void A_client_without_a_common_srtp_profile_is_refused(string? profiles)
    {
        using var call = new SimulatedCall(1, client: new ClientPeerOptions { SrtpProfiles = profiles });
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Closed), call.ToString());
        Assert.Equal(PeerCloseReason.DtlsFailed, call.Server.CloseReason);
        Assert.Contains("SRTP", call.ServerEvents.OfType<PeerEvent.StateChanged>().Last().Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_client_hello_on_a_live_session_changes_nothing()
    {
        using var call = new SimulatedCall(1);
        var hello = Array.Empty<byte>();
        call.Network.Tap = datagram => hello = hello.Length == 0 && datagram.To == NetworkEnd.Server && datagram.Data[0] == 22 ? datagram.Data : hello;
        Assert.True(call.Connect());
        call.Inject(hello);
        hello[10] = 200;
        call.Inject(hello);
        call.Run(5 * Micros.Second);

        Assert.Equal(PeerState.Connected, call.Server.State);
        _ = HandshakeUnderLossTests.AssertChannelEchoes(call);
    }

    [Fact]
    public void Alerts_without_protection_end_nothing_wherever_they_come_from()
    {
        byte[] alert = [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40];
        using var call = new SimulatedCall(1);
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Connecting));
        call.Inject(alert);
        call.Inject(alert, Stranger);
        Assert.True(call.Connect(), call.ToString());
        call.Inject(alert);
        call.Inject(alert, Stranger);
        Assert.Equal(PeerState.Connected, call.Server.State);
        Assert.Equal(2, call.Server.Stats.Drops[PeerDropReason.UnprovenPath]);
    }

    [Fact]
    public void Nothing_but_stun_is_taken_from_an_address_that_was_not_proved()
    {
        using var call = new SimulatedCall(1);
        var seen = new List<byte[]>();
        call.Network.Tap = datagram =>
        {
            if (datagram.To == NetworkEnd.Server && datagram.Data[0] > 3)
            {
                seen.Add(datagram.Data);
            }
        };
        Assert.True(call.Connect());
        FrameDelayTests.Speak(call, 3);
        var sent = call.Network.SentTo(NetworkEnd.Client);
        var frames = call.Frames.Count;
        foreach (var datagram in seen)
        {
            call.Inject(datagram, Stranger);
        }

        call.Drain();
        Assert.Equal(seen.Count, call.Server.Stats.Drops[PeerDropReason.UnprovenPath]);
        Assert.Equal(sent, call.Network.SentTo(NetworkEnd.Client));
        Assert.Equal(frames, call.Frames.Count);
    }

    [Fact]
    public void A_stranger_cannot_move_the_call_with_a_check_it_did_not_sign()
    {
        using var call = new SimulatedCall(1);
        var check = Array.Empty<byte>();
        call.Network.Tap = datagram => check = datagram.To == NetworkEnd.Server && datagram.Data[0] <= 3 ? datagram.Data : check;
        Assert.True(call.Connect());
        check[^9] ^= 1;
        call.Inject(check, Stranger);
        call.Run(Micros.Second);

        Assert.False(call.Server.IsProved(new TransportPath(0, Stranger)));
        Assert.True(call.Server.Stats.Drops[PeerDropReason.Stun] > 0);
        _ = HandshakeUnderLossTests.AssertChannelEchoes(call);
    }

    [Fact]
    public void Replayed_audio_is_dropped_and_counted()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        var audio = new List<byte[]>();
        call.Network.Tap = datagram =>
        {
            if (datagram.To == NetworkEnd.Server && datagram.Data[0] >= 128)
            {
                audio.Add(datagram.Data);
            }
        };
        FrameDelayTests.Speak(call, 20);
        call.Run(Micros.Second);
        foreach (var packet in audio)
        {
            call.Inject(packet);
        }

        call.Run(Micros.Second);
        Assert.Equal(20, call.Frames.Count);
        Assert.Equal(20, call.Server.Stats.Drops[PeerDropReason.Replayed]);
        Assert.Equal(0, call.Server.Stats.Audio.Lost);
    }

    [Fact]
    public void A_forged_packet_of_a_new_source_leaves_no_trace()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        FrameDelayTests.Speak(call, 3);
        var before = call.Server.Stats.Audio;
        var packet = new byte[60];
        for (var i = 0; i < 1_000; i++)
        {
            Random.Shared.NextBytes(packet);
            packet[0] = 0x80;
            packet[1] = 111;
            call.Inject(packet);
        }

        Assert.Equal(1_000, call.Server.Stats.Drops[PeerDropReason.NotAuthentic]);
        Assert.Equal(before, call.Server.Stats.Audio);
    }

    [Fact]
    public void Wrong_credentials_never_connect_and_time_out_as_ice()
    {
        using var call = new SimulatedCall(1);
        call.Network.Filter = static _ => false;
        call.Drain();
        call.Network.Filter = static _ => true;
        call.Client.AcceptAnswer(call.Server.AnswerSdp.Replace("a=ice-pwd:", "a=ice-pwd:x", StringComparison.Ordinal), call.Now);
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Closed), call.ToString());
        Assert.Equal(PeerCloseReason.IceTimeout, call.Server.CloseReason);
        Assert.True(call.Server.Stats.Ice[IceCheckResult.BadIntegrity] > 0);
        Assert.Null(call.Client.Dtls);
    }
}
