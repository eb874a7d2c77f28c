using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>RFC 9260 s5.1.3, s5.2.4: only the own, fresh and fitting cookie opens an association.</summary>
public class StateCookieTests
{
    [Fact]
    public void Every_changed_byte_and_every_length_is_refused()
    {
        var key = new byte[StateCookie.KeyLength];
        var bytes = new byte[StateCookie.Length];
        new StateCookie { CreatedAt = 5, LocalTag = 1, PeerTag = 2, OutgoingStreams = 3, SupportsReset = true }.Write(bytes, key);
        Assert.True(StateCookie.TryParse(bytes, key, out var cookie));
        Assert.Equal((5L, 1u, 2u, (ushort)3, true), (cookie.CreatedAt, cookie.LocalTag, cookie.PeerTag, cookie.OutgoingStreams, cookie.SupportsReset));
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x40;
            Assert.False(StateCookie.TryParse(bytes, key, out _));
            bytes[i] ^= 0x40;
            Assert.False(StateCookie.TryParse(bytes.AsSpan(0, i), key, out _));
        }
    }

    [Fact]
    public void A_forged_cookie_opens_nothing()
    {
        var (server, echo) = UntilCookieEcho();
        var forged = echo.ToArray();
        forged[20] ^= 1;
        server.Receive(PacketText.Resealed(forged), 0);
        Assert.Equal(SctpState.Closed, server.State);
        Assert.Equal(1u, server.Counters.Dropped(SctpDropReason.BadCookie));
        server.Receive(echo, 0);
        Assert.Equal(SctpState.Established, server.State);
    }

    [Fact]
    public void A_cookie_of_another_association_opens_nothing()
    {
        var (_, echo) = UntilCookieEcho();
        var other = new SctpAssociation(new SctpOptions { RandomSeed = 77 });
        other.Receive(echo, 0);
        Assert.Equal(SctpState.Closed, other.State);
    }

    [Fact]
    public void A_cookie_under_another_tag_opens_nothing()
    {
        var (server, echo) = UntilCookieEcho();
        echo[4] ^= 1;
        server.Receive(PacketText.Resealed(echo), 0);
        Assert.Equal(SctpState.Closed, server.State);
    }

    [Fact]
    public void A_stale_cookie_is_refused_and_a_new_one_is_asked_for()
    {
        var pair = new AssociationPair(right: new SctpOptions { CookieLifetime = 100 * Micros.Millisecond });
        var held = 0;
        pair.Network.Tap = (_, packet) => held += PacketText.FirstChunk(packet) == ChunkType.CookieEcho ? 1 : 0;

        // The first COOKIE ECHO is lost; its repetition after 500 ms comes too late.
        pair.Network.Drops = number => number == 2;
        pair.Establish();
        Assert.Equal(1u, pair.Right.Counters.Dropped(SctpDropReason.StaleCookie));
        Assert.Equal(3, held);
        pair.AssertAlive();
    }

    [Fact]
    public void An_old_cookie_over_a_live_association_changes_nothing()
    {
        var (server, echo) = UntilCookieEcho();
        server.Receive(echo, 0);
        Assert.Equal(SctpState.Established, server.State);
        Drain(server);

        // Case D (the same tags): acknowledged again, whatever its age.
        server.Receive(echo, 1000 * Micros.Second);
        Assert.Equal(SctpState.Established, server.State);
        Assert.True(server.TryTransmit(out var answer));
        Assert.Equal(ChunkType.CookieAck, PacketText.FirstChunk(answer.Span));
        Assert.Equal(1, CountEvents(server, SctpEventKind.Established));
    }

    [Fact]
    public void A_peer_that_lost_its_association_begins_anew()
    {
        // RFC 9260 s5.2.4.1, case A.
        var pair = new AssociationPair().Establish();
        pair.AssertAlive();
        var reborn = new AssociationEndpoint(new SctpOptions { RandomSeed = 4242 });
        var network = new TestNetwork(reborn, pair.RightEnd);
        network.Advance(pair.Network.Now);
        reborn.Association.Connect(network.Now);
        Assert.True(network.RunUntil(() => reborn.Association.State == SctpState.Established));
        Assert.Contains(pair.RightEnd.Events, happened => happened.Kind == SctpEventKind.Restarted);
        Assert.Equal(SctpSendResult.Queued, reborn.Association.Send(0, 53, "new life"u8, default, network.Now));
        Assert.Equal(SctpSendResult.Queued, pair.Right.Send(0, 53, "to you"u8, default, network.Now));
        Assert.True(network.RunUntil(() => reborn.Messages.Any() && pair.RightEnd.Messages.Any(m => m.Data.Span.SequenceEqual("new life"u8))));
    }

    [Fact]
    public void Init_ack_without_a_cookie_ends_the_attempt()
    {
        var machine = new SctpAssociation(new SctpOptions { RandomSeed = 1 });
        machine.Connect(0);
        Assert.True(machine.TryTransmit(out var init));
        var tag = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(init.Span[16..]);
        var value = new byte[InitChunk.BareLength];
        _ = new InitChunk { InitiateTag = 9, Window = 10_000, OutgoingStreams = 1, IncomingStreams = 1 }.Write(value);
        machine.Receive(PacketText.Make(tag, (ChunkType.InitAck, 0, value)), 0);
        Assert.Equal(SctpCloseReason.ProtocolViolation, machine.CloseReason);
        Assert.True(machine.TryTransmit(out var abort));
        Assert.Equal(ChunkType.Abort, PacketText.FirstChunk(abort.Span));
        Assert.Equal(9u, PacketText.Tag(abort.Span));
    }

    private static (SctpAssociation Server, byte[] CookieEcho) UntilCookieEcho()
    {
        var client = new SctpAssociation(new SctpOptions { RandomSeed = 1 });
        var server = new SctpAssociation(new SctpOptions { RandomSeed = 2 });
        client.Connect(0);
        Assert.True(client.TryTransmit(out var init));
        server.Receive(init.Span, 0);
        Assert.True(server.TryTransmit(out var initAck));
        client.Receive(initAck.Span, 0);
        Assert.True(client.TryTransmit(out var echo));
        Assert.Equal(ChunkType.CookieEcho, PacketText.FirstChunk(echo.Span));
        return (server, echo.ToArray());
    }

    private static void Drain(SctpAssociation machine)
    {
        while (machine.TryTransmit(out _))
        {
        }
    }

    private static int CountEvents(SctpAssociation machine, SctpEventKind kind)
    {
        var count = 0;
        while (machine.TryRead(out var happened))
        {
            count += happened.Kind == kind ? 1 : 0;
        }

        return count;
    }
}
