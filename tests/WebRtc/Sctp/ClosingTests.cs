using AsrHub.Rtc.WebRtc.Sctp;
using static AsrHub.Rtc.WebRtc.Tests.Sctp.PacketText;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>RFC 9260 s8.4, s8.5, s9: the ways an association ends, and packets for one that is gone.</summary>
public class ClosingTests
{
    [Fact]
    public void Shutdown_first_delivers_what_is_queued()
    {
        var pair = new AssociationPair().Establish();
        for (var i = 0; i < 50; i++)
        {
            pair.SendLeft(new byte[5000]);
        }

        pair.Left.Shutdown(pair.Network.Now);
        Assert.Equal(SctpSendResult.Closed, pair.Left.Send(0, 53, "late"u8, default, pair.Network.Now));
        Assert.True(pair.Network.RunUntil(() => pair.Left.State == SctpState.Closed && pair.Right.State == SctpState.Closed));
        Assert.Equal(50, pair.RightEnd.Messages.Count());
        Assert.Equal((SctpCloseReason.Local, SctpCloseReason.Remote), (pair.Left.CloseReason, pair.Right.CloseReason));
    }

    [Fact]
    public void Both_may_shut_down_at_once_under_loss()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var pair = new AssociationPair(seed).Establish();
            pair.Network.Loss = 0.3;
            pair.SendLeft("a"u8);
            pair.Left.Shutdown(pair.Network.Now);
            pair.Right.Shutdown(pair.Network.Now);
            Assert.True(pair.Network.RunUntil(() => pair.Left.State == SctpState.Closed && pair.Right.State == SctpState.Closed), $"seed {seed}");
        }
    }

    [Fact]
    public void Shutdown_while_the_handshake_runs_closes()
    {
        var machine = new SctpAssociation(new SctpOptions());
        machine.Connect(0);
        machine.Shutdown(0);
        Assert.Equal(SctpState.Closed, machine.State);
        Assert.Equal(Micros.Never, machine.NextTimeout);
    }

    [Fact]
    public void Abort_in_the_middle_of_a_long_message_frees_both_sides()
    {
        var pair = new AssociationPair().Establish();
        pair.SendLeft(new byte[65_536]);
        _ = pair.Network.RunUntil(() => false, 6 * Micros.Millisecond);
        pair.Left.Abort("enough");
        Assert.True(pair.Network.RunUntil(() => pair.Right.State == SctpState.Closed));
        Assert.Equal(SctpCloseReason.Remote, pair.Right.CloseReason);
        Assert.Equal("enough", pair.Right.CloseDetail);
        Assert.Empty(pair.RightEnd.Messages);
        Assert.Equal(Micros.Never, pair.Left.NextTimeout);
        Assert.Equal(Micros.Never, pair.Right.NextTimeout);
        Assert.Equal(SctpSendResult.Closed, pair.Left.Send(0, 53, "x"u8, default, pair.Network.Now));
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public void The_t_bit_of_an_abort_says_whose_tag_it_carries(bool tBit, bool reflectedTag, bool isAccepted)
    {
        var peer = new HandPlayedPeer();
        var tag = reflectedTag ? HandPlayedPeer.OwnTag : peer.MachineTag;
        peer.Machine.Receive(Make(tag, (ChunkType.Abort, tBit ? (byte)1 : (byte)0, [])), peer.Now);
        Assert.Equal(isAccepted ? SctpState.Closed : SctpState.Established, peer.Machine.State);
    }

    [Fact]
    public void A_peer_that_missed_the_abort_is_told_again_with_its_own_tag()
    {
        var peer = new HandPlayedPeer();
        peer.Machine.Abort("gone");
        _ = peer.Sent();
        peer.Give(Data(HandPlayedPeer.FirstTsn, 0, 0, "still here"));
        var answer = Assert.Single(peer.Sent());
        var abort = Assert.Single(Chunks(answer));
        Assert.Equal((ChunkType.Abort, (byte)1), (abort.Type, abort.Flags));
        Assert.Equal(peer.MachineTag, Tag(answer));
    }

    [Fact]
    public void An_abort_is_never_answered()
    {
        var peer = new HandPlayedPeer();
        peer.Machine.Abort("gone");
        _ = peer.Sent();
        peer.Give((ChunkType.Abort, 0, []));
        peer.Give((ChunkType.ShutdownComplete, 0, []));
        Assert.Empty(peer.Sent());
    }

    [Fact]
    public void A_stray_shutdown_ack_is_answered_with_its_own_tag()
    {
        var machine = new SctpAssociation(new SctpOptions());
        machine.Receive(Make(77, (ChunkType.ShutdownAck, 0, [])), 0);
        Assert.True(machine.TryTransmit(out var answer));
        Assert.Equal(77u, Tag(answer.Span));
        Assert.Equal((ChunkType.ShutdownComplete, (byte)1), (Chunks(answer.Span)[0].Type, Chunks(answer.Span)[0].Flags));
    }

    [Fact]
    public void A_closed_association_does_not_open_again()
    {
        var pair = new AssociationPair().Establish();
        pair.Right.Abort("done");
        Assert.True(pair.Network.RunUntil(() => pair.Left.State == SctpState.Closed));
        pair.Left.Connect(pair.Network.Now);
        Assert.Equal(SctpState.Closed, pair.Left.State);
        Assert.False(pair.Left.TryTransmit(out _));
    }
}
