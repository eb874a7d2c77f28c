using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>RFC 9260 s5: four messages, whoever begins, whatever is lost, and nothing kept before the cookie comes back.</summary>
public class HandshakeTests
{
    [Fact]
    public void One_side_begins()
    {
        var pair = new AssociationPair().Establish();
        pair.AssertAlive();
        Assert.Single(pair.LeftEnd.Events, happened => happened.Kind == SctpEventKind.Established);
        Assert.Single(pair.RightEnd.Events, happened => happened.Kind == SctpEventKind.Established);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3_000)]
    [InlineData(5_001)]
    [InlineData(12_000)]
    public void Both_sides_begin(long later)
    {
        // s5.2.1 and s5.2.4: each INIT is answered with the tag of the own INIT, and the table joins both halves.
        for (var seed = 0; seed < 20; seed++)
        {
            var pair = new AssociationPair(seed);
            pair.Network.Jitter = 8 * Micros.Millisecond;
            pair.Left.Connect(0);
            _ = pair.Network.RunUntil(() => pair.Network.Now >= later, later);
            pair.Right.Connect(pair.Network.Now);
            Assert.True(pair.Network.RunUntil(() => pair.AreEstablished), $"seed {seed}");
            pair.AssertAlive();
            Assert.Single(pair.LeftEnd.Events, happened => happened.Kind == SctpEventKind.Established);
            Assert.Single(pair.RightEnd.Events, happened => happened.Kind == SctpEventKind.Established);
            Assert.DoesNotContain(pair.LeftEnd.Events, happened => happened.Kind == SctpEventKind.Restarted);
        }
    }

    [Fact]
    public void Collision_survives_heavy_loss()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var pair = new AssociationPair(seed);
            pair.Network.Loss = 0.3;
            pair.Network.Duplicates = 0.2;
            pair.Network.Jitter = 30 * Micros.Millisecond;
            pair.Left.Connect(0);
            pair.Right.Connect(0);
            Assert.True(pair.Network.RunUntil(() => pair.AreEstablished), $"seed {seed}");
            pair.AssertAlive();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_one_of_its_packets_may_be_lost(int lost)
    {
        var pair = new AssociationPair();
        pair.Network.Drops = number => number == lost;
        pair.Establish();
        pair.AssertAlive();
    }

    [Fact]
    public void It_goes_on_trying_for_as_long_as_the_owner_likes()
    {
        // RFC 8261 s6.1: SCTP does not give up before ICE does.
        var pair = new AssociationPair();
        pair.Network.Drops = _ => true;
        pair.Left.Connect(0);
        _ = pair.Network.RunUntil(() => false, 300 * Micros.Second);
        Assert.Equal(SctpState.CookieWait, pair.Left.State);
        pair.Network.Drops = null;
        Assert.True(pair.Network.RunUntil(() => pair.AreEstablished));
    }

    [Fact]
    public void With_a_limit_it_gives_up()
    {
        var pair = new AssociationPair(left: new SctpOptions { MaxRetransmissions = 3 });
        pair.Network.Drops = _ => true;
        pair.Left.Connect(0);
        Assert.True(pair.Network.RunUntil(() => pair.Left.State == SctpState.Closed));
        Assert.Equal(SctpCloseReason.GaveUp, pair.Left.CloseReason);
        Assert.Equal(4, pair.Network.Sent);
    }

    [Fact]
    public void Data_travels_with_the_cookie()
    {
        var pair = new AssociationPair();
        pair.SendLeft("early"u8);
        pair.Left.Connect(0);
        var cookiePackets = new List<byte[]>();
        pair.Network.Tap = (_, packet) =>
        {
            if (PacketText.FirstChunk(packet) == ChunkType.CookieEcho)
            {
                cookiePackets.Add(packet);
            }
        };
        Assert.True(pair.Network.RunUntil(() => pair.RightEnd.Messages.Any()));
        Assert.Contains(PacketText.Chunks(Assert.Single(cookiePackets)), chunk => chunk.Type == ChunkType.Data);
    }

    [Fact]
    public void Init_makes_no_state()
    {
        var machine = new SctpAssociation(new SctpOptions());
        var init = Capture(new SctpOptions { RandomSeed = 2 });
        for (var i = 0; i < 1000; i++)
        {
            machine.Receive(init, i);
        }

        Assert.Equal(SctpState.Closed, machine.State);
        Assert.Equal(Micros.Never, machine.NextTimeout);
        var answers = 0;
        while (machine.TryTransmit(out _))
        {
            answers++;
        }

        Assert.InRange(answers, 1, 8);
    }

    [Fact]
    public void Init_must_be_alone_and_carry_tag_zero()
    {
        var init = PacketText.Chunks(Capture(new SctpOptions { RandomSeed = 2 }))[0];
        var machine = new SctpAssociation(new SctpOptions());
        machine.Receive(PacketText.Make(7, init), 0);
        machine.Receive(PacketText.Make(0, init, (ChunkType.CookieAck, 0, [])), 0);
        Assert.False(machine.TryTransmit(out _));
        Assert.Equal(2u, machine.Counters.Dropped(SctpDropReason.WrongTag));
    }

    [Fact]
    public void Init_with_unusable_fields_is_not_answered()
    {
        var init = PacketText.Chunks(Capture(new SctpOptions { RandomSeed = 2 }))[0];
        foreach (var (offset, length) in new[] { (0, 4), (4, 4), (8, 2), (10, 2) })
        {
            var value = init.Value.ToArray();
            value.AsSpan(offset, length).Clear();
            var machine = new SctpAssociation(new SctpOptions());
            machine.Receive(PacketText.Make(0, (ChunkType.Init, 0, value)), 0);
            Assert.False(machine.TryTransmit(out _));
        }
    }

    [Fact]
    public void Unknown_parameters_are_skipped_or_reported_by_their_high_bits()
    {
        var init = PacketText.Chunks(Capture(new SctpOptions { RandomSeed = 2 }))[0];
        byte[] skipped = [0x80, 0x55, 0, 4];
        byte[] reported = [0xC1, 0x23, 0, 6, 9, 9, 0, 0];
        var machine = new SctpAssociation(new SctpOptions());
        machine.Receive(PacketText.Make(0, (ChunkType.Init, 0, [.. init.Value, .. skipped, .. reported])), 0);
        Assert.True(machine.TryTransmit(out var packet));
        var answer = Assert.Single(PacketText.Chunks(packet.Span));
        var parameters = new ParameterReader(answer.Value.AsSpan(16));
        var report = Array.Empty<byte>();
        while (parameters.TryRead(out var type, out var value, out _))
        {
            Assert.NotEqual(0x8055, type);
            if (type == ParameterType.UnrecognizedParameter)
            {
                report = value.ToArray();
            }
        }

        Assert.Equal(reported, report);
    }

    [Fact]
    public void A_packet_from_another_association_changes_nothing()
    {
        var pair = new AssociationPair().Establish();
        var stranger = new AssociationPair(99).Establish();
        var strays = new List<byte[]>();
        stranger.Network.Tap = (_, packet) => strays.Add(packet);
        stranger.AssertAlive();
        stranger.Left.Abort("bye");
        _ = stranger.Network.RunUntilIdle();
        Assert.Contains(strays, packet => PacketText.FirstChunk(packet) == ChunkType.Abort);
        foreach (var packet in strays)
        {
            pair.Left.Receive(packet, pair.Network.Now);
            pair.Right.Receive(packet, pair.Network.Now);
        }

        Assert.True(pair.AreEstablished);
        pair.AssertAlive();
    }

    [Fact]
    public void Other_ports_and_wrong_checksums_are_dropped()
    {
        var init = Capture(new SctpOptions { RandomSeed = 2 });
        var machine = new SctpAssociation(new SctpOptions { LocalPort = 5001 });
        machine.Receive(init, 0);
        Assert.Equal(1u, machine.Counters.Dropped(SctpDropReason.WrongPort));
        init[^1] ^= 1;
        machine.Receive(init, 0);
        Assert.Equal(1u, machine.Counters.Dropped(SctpDropReason.BadChecksum));
        Assert.False(machine.TryTransmit(out _));
    }

    private static byte[] Capture(SctpOptions options)
    {
        var sender = new SctpAssociation(options);
        sender.Connect(0);
        Assert.True(sender.TryTransmit(out var packet));
        return packet.ToArray();
    }
}
