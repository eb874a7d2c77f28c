using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>Every prefix and every one-byte change of real packets, at the moment when the real one was due.</summary>
public class HostileInputTests
{
    [Fact]
    public void Damaged_packets_do_no_harm_to_a_live_association()
    {
        // As a network would damage them: the checksum does not fit.
        var recorded = Record();
        var pair = new AssociationPair().Establish();
        foreach (var (toRight, packet) in recorded)
        {
            var machine = toRight ? pair.Right : pair.Left;
            foreach (var damaged in Prefixes(packet).Concat(Mutations(packet)))
            {
                machine.Receive(damaged, pair.Network.Now);
                Assert.False(machine.TryTransmit(out _));
                Assert.False(machine.TryRead(out _));
            }
        }

        Assert.True(pair.AreEstablished);
        pair.AssertAlive();
    }

    [Fact]
    public void Changed_packets_with_a_right_checksum_reach_the_parsers_and_nothing_is_thrown()
    {
        // The sender is hostile: what it says is processed, but it can neither throw, nor loop, nor make the machine hold more than its windows.
        // Each change is played into an association of its own, at the point of the exchange where the real packet was due.
        var recorded = Record();
        for (var index = 0; index < recorded.Count; index++)
        {
            var (toRight, packet) = recorded[index];
            foreach (var changed in Prefixes(packet).Concat(Mutations(packet)))
            {
                var (left, right, now) = Replay(recorded, index);
                var target = toRight ? right : left;
                target.Receive(PacketText.Resealed(changed), now);
                Exercise(target, now);
            }
        }
    }

    [Fact]
    public void Random_chunks_are_survived()
    {
        var random = new Random(11);
        var peer = new HandPlayedPeer();
        for (var i = 0; i < 20_000; i++)
        {
            var chunks = new (byte, byte, byte[])[random.Next(1, 4)];
            for (var c = 0; c < chunks.Length; c++)
            {
                var value = new byte[random.Next(0, 48)];
                random.NextBytes(value);
                var type = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)random.Next(12);
                if (type is ChunkType.Abort or ChunkType.Shutdown or ChunkType.ShutdownAck || (type == ChunkType.Data && value.Length == 12))
                {
                    type = ChunkType.Sack;
                }

                chunks[c] = (type, (byte)random.Next(256), value);
            }

            peer.Give(chunks);
            _ = peer.Sent();
            _ = peer.Events();
        }

        Assert.Equal(SctpState.Established, peer.Machine.State);
        peer.Give(PacketText.Data(HandPlayedPeer.FirstTsn, 0, 0, "alive"));
        Assert.NotEmpty(peer.Events());
    }

    private static void Exercise(SctpAssociation machine, long now)
    {
        for (var round = 0; round < 3; round++)
        {
            var packets = 0;
            while (machine.TryTransmit(out var packet))
            {
                Assert.InRange(packet.Length, 16, new SctpOptions().MaxPacketSize);
                Assert.True(++packets < 200, "the machine does not stop sending");
            }

            while (machine.TryRead(out var happened))
            {
                Assert.InRange(happened.Data.Length, 0, new SctpOptions().MaxReceiveMessageSize);
            }

            if (machine.NextTimeout != Micros.Never)
            {
                now = Math.Max(now, machine.NextTimeout);
                machine.OnTimeout(now);
                Assert.True(machine.NextTimeout > now, "a timer does not move on");
            }
        }
    }

    /// <summary>An exchange with every kind of chunk this stack sends.</summary>
    private static List<(bool ToRight, byte[] Packet)> Record()
    {
        var recorded = new List<(bool, byte[])>();
        var (left, right) = NewPair();
        left.Connect(0);
        Pass(left, right, recorded);
        _ = left.Send(0, 51, "text"u8, default, 0);
        _ = right.Send(1, 53, new byte[3000], default, 0);
        Pass(left, right, recorded);
        _ = left.Send(2, 53, "given up"u8, new SctpReliability(true, MaxRetransmits: 0), 0);
        Assert.True(left.TryTransmit(out _));
        left.OnTimeout(left.NextTimeout);
        Pass(left, right, recorded);
        left.ResetStream(0, 0);
        Pass(left, right, recorded);
        left.Shutdown(0);
        Pass(left, right, recorded);
        Assert.Equal((SctpState.Closed, SctpState.Closed), (left.State, right.State));
        byte[] expected =
        [
            ChunkType.Init, ChunkType.InitAck, ChunkType.CookieEcho, ChunkType.CookieAck, ChunkType.Data, ChunkType.Sack,
            ChunkType.ForwardTsn, ChunkType.ReConfig, ChunkType.Shutdown, ChunkType.ShutdownAck, ChunkType.ShutdownComplete,
        ];
        var seen = recorded.SelectMany(each => PacketText.Chunks(each.Item2).Select(chunk => chunk.Type)).ToHashSet();
        Assert.Empty(expected.Except(seen));
        return recorded;
    }

    /// <summary>The same seeds make the same packets, so the exchange can be played up to any of them.</summary>
    private static (SctpAssociation Left, SctpAssociation Right, long Now) Replay(List<(bool ToRight, byte[] Packet)> recorded, int count)
    {
        var (left, right) = NewPair();
        left.Connect(0);
        for (var i = 0; i < count; i++)
        {
            Drain(left);
            Drain(right);
            (recorded[i].ToRight ? right : left).Receive(recorded[i].Packet, 0);
        }

        Drain(left);
        Drain(right);
        return (left, right, 0);
    }

    private static void Drain(SctpAssociation machine)
    {
        while (machine.TryTransmit(out _))
        {
        }

        while (machine.TryRead(out _))
        {
        }
    }

    private static (SctpAssociation Left, SctpAssociation Right) NewPair() =>
        (new SctpAssociation(new SctpOptions { RandomSeed = 1, SackDelay = 0 }), new SctpAssociation(new SctpOptions { RandomSeed = 2, SackDelay = 0 }));

    private static void Pass(SctpAssociation left, SctpAssociation right, List<(bool, byte[])> recorded)
    {
        bool any;
        do
        {
            any = PassOne(left, right, true, recorded);
            any |= PassOne(right, left, false, recorded);
        }
        while (any);
    }

    private static bool PassOne(SctpAssociation from, SctpAssociation to, bool toRight, List<(bool, byte[])> recorded)
    {
        if (from.NextTimeout <= 0)
        {
            from.OnTimeout(0);
        }

        var any = false;
        while (from.TryTransmit(out var packet))
        {
            recorded.Add((toRight, packet.ToArray()));
            to.Receive(packet.Span, 0);
            while (to.TryRead(out _))
            {
            }

            any = true;
        }

        return any;
    }

    private static IEnumerable<byte[]> Prefixes(byte[] packet)
    {
        for (var length = 0; length < packet.Length; length++)
        {
            yield return packet[..length];
        }
    }

    private static IEnumerable<byte[]> Mutations(byte[] packet)
    {
        // Long payloads are all alike: their first bytes speak for the rest.
        for (var i = 0; i < Math.Min(packet.Length, 160); i++)
        {
            foreach (var change in (byte[])[0x01, 0x80, 0xFF, packet[i]])
            {
                if (change != 0)
                {
                    var changed = packet.ToArray();
                    changed[i] ^= change;
                    yield return changed;
                }
            }
        }
    }
}
