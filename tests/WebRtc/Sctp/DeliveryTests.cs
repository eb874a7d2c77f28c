using System.Buffers.Binary;
using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>Every reliable message arrives in order exactly once, whatever the network does.</summary>
public class DeliveryTests
{
    [Fact]
    public void Any_one_packet_of_a_whole_exchange_may_be_lost()
    {
        var total = Exchange(_ => false);
        for (var lost = 0; lost < total; lost++)
        {
            var victim = lost;
            _ = Exchange(number => number == victim);
        }
    }

    [Fact]
    public void Any_two_neighbouring_packets_of_a_whole_exchange_may_be_lost()
    {
        var total = Exchange(_ => false);
        for (var lost = 0; lost < total; lost++)
        {
            var victim = lost;
            _ = Exchange(number => number == victim || number == victim + 1);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Loss_reordering_and_duplicates_do_not_show(int seed)
    {
        var pair = new AssociationPair(seed);
        pair.Network.Loss = 0.2;
        pair.Network.Duplicates = 0.1;
        pair.Network.Jitter = 40 * Micros.Millisecond;
        pair.Establish();
        var random = new Random(seed);
        const int Count = 600;
        var sent = new List<byte[]>[4];
        for (ushort stream = 0; stream < 4; stream++)
        {
            sent[stream] = [];
        }

        for (var i = 0; i < Count; i++)
        {
            var stream = (ushort)random.Next(4);
            var message = new byte[random.Next(20) == 0 ? random.Next(1, 20_000) : random.Next(1, 400)];
            random.NextBytes(message);
            while (pair.Left.Send(stream, 53, message, default, pair.Network.Now) == SctpSendResult.BufferFull)
            {
                _ = pair.Network.RunUntil(() => false, 10 * Micros.Millisecond);
            }

            sent[stream].Add(message);
            if (i % 10 == 0)
            {
                _ = pair.Network.RunUntil(() => false, random.Next(20) * Micros.Millisecond);
            }
        }

        Assert.True(pair.Network.RunUntil(() => pair.RightEnd.Messages.Count() >= Count, 3600 * Micros.Second), $"seed {seed}");
        pair.Network.Loss = 0;
        Assert.True(pair.Network.RunUntilIdle());
        for (ushort stream = 0; stream < 4; stream++)
        {
            var got = pair.RightEnd.Messages.Where(message => message.Stream == stream).Select(message => message.Data.ToArray());
            Assert.Equal(sent[stream], got);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Unordered_reliable_messages_all_arrive_once(int seed)
    {
        var pair = new AssociationPair(seed);
        pair.Network.Loss = 0.2;
        pair.Network.Duplicates = 0.1;
        pair.Network.Jitter = 40 * Micros.Millisecond;
        pair.Establish();
        for (var i = 0; i < 500; i++)
        {
            pair.SendLeft(BitConverter.GetBytes(i), reliability: new SctpReliability(Unordered: true));
            _ = pair.Network.RunUntil(() => false, Micros.Millisecond);
        }

        Assert.True(pair.Network.RunUntil(() => pair.RightEnd.Messages.Count() >= 500));
        var got = pair.RightEnd.Messages.Select(message => BitConverter.ToInt32(message.Data.Span)).ToList();
        Assert.NotEqual(Enumerable.Range(0, 500), got);
        Assert.Equal(Enumerable.Range(0, 500), got.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_single_send_is_never_repeated_and_does_not_stop_the_rest(int seed)
    {
        // maxRetransmits = 0 is one send, not "no limit".
        var pair = new AssociationPair(seed).Establish();
        pair.Network.Loss = 0.3;
        const int Count = 500;
        for (var i = 0; i < Count; i++)
        {
            pair.SendLeft(BitConverter.GetBytes(i), reliability: new SctpReliability(Unordered: true, MaxRetransmits: 0));
            _ = pair.Network.RunUntil(() => false, 20 * Micros.Millisecond);
        }

        pair.Network.Loss = 0;
        Assert.True(pair.Network.RunUntilIdle());
        var got = pair.RightEnd.Messages.Select(message => BitConverter.ToInt32(message.Data.Span)).ToList();
        Assert.Equal(got.Distinct(), got);
        Assert.InRange(got.Count, Count / 2, Count * 9 / 10);
        Assert.Equal(0, pair.Left.Counters.Retransmissions);
        pair.AssertAlive();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Ordered_messages_with_limits_stay_in_order_and_long_ones_are_whole_or_absent(int seed)
    {
        var pair = new AssociationPair(seed).Establish();
        pair.Network.Loss = 0.2;
        pair.Network.Jitter = 30 * Micros.Millisecond;
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var message = new byte[random.Next(4) == 0 ? 5_000 : 40];
            BinaryPrimitives.WriteInt32BigEndian(message, i);
            message.AsSpan(4).Fill((byte)i);
            var reliability = i % 2 == 0 ? new SctpReliability(false, MaxRetransmits: i % 3) : new SctpReliability(false, MaxLifetime: 150 * Micros.Millisecond);
            pair.SendLeft(message, (ushort)(i % 3), reliability);
            _ = pair.Network.RunUntil(() => false, random.Next(30) * Micros.Millisecond);
        }

        pair.Network.Loss = 0;
        Assert.True(pair.Network.RunUntilIdle());
        for (ushort stream = 0; stream < 3; stream++)
        {
            var numbers = new List<int>();
            foreach (var message in pair.RightEnd.Messages.Where(message => message.Stream == stream))
            {
                var number = BinaryPrimitives.ReadInt32BigEndian(message.Data.Span);
                Assert.Equal(-1, message.Data.Span[4..].IndexOfAnyExcept((byte)number));
                numbers.Add(number);
            }

            Assert.Equal(numbers.Distinct().Order(), numbers);
            Assert.NotEmpty(numbers);
        }

        Assert.True(pair.Left.Counters.MessagesAbandoned > 0);
        pair.AssertAlive();
    }

    [Fact]
    public void Sequence_numbers_wrap()
    {
        // More messages than a stream sequence number has values, and a TSN close to its end.
        var pair = new AssociationPair(WrappingSeed()).Establish();
        pair.Network.Delay = 100;
        const int Count = 70_000;
        var got = 0;
        for (var i = 0; i < Count; i++)
        {
            pair.SendLeft(BitConverter.GetBytes(i));
            if (i % 500 == 499)
            {
                Assert.True(pair.Network.RunUntil(() => pair.RightEnd.Events.Count(e => e.Kind == SctpEventKind.Message) == 500));
                foreach (var message in pair.RightEnd.Messages)
                {
                    Assert.Equal(got++, BitConverter.ToInt32(message.Data.Span));
                }

                pair.RightEnd.Events.Clear();
            }
        }

        Assert.Equal(Count, got);
    }

    /// <summary>A seed whose association starts less than 70,000 TSNs before the wrap, so that the wrap is really passed.</summary>
    private static int WrappingSeed()
    {
        for (var seed = 0; ; seed++)
        {
            var random = new SctpRandom(seed);
            _ = random.NextTag();
            if (random.Next() > uint.MaxValue - 60_000)
            {
                return seed;
            }
        }
    }

    private static int Exchange(Func<int, bool> drops)
    {
        var pair = new AssociationPair();
        pair.Network.Drops = drops;
        pair.Left.Connect(0);
        for (var i = 0; i < 10; i++)
        {
            pair.SendLeft(BitConverter.GetBytes(i), (ushort)(i % 2));
        }

        pair.SendLeft(new byte[10_000], 2);
        Assert.True(pair.Network.RunUntil(() => pair.RightEnd.Messages.Count() == 11));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(SctpSendResult.Queued, pair.Right.Send(1, 53, BitConverter.GetBytes(i), default, pair.Network.Now));
            _ = pair.Network.RunUntil(() => false, 30 * Micros.Millisecond);
        }

        Assert.True(pair.Network.RunUntil(() => pair.LeftEnd.Messages.Count() == 5));
        Assert.Equal(Enumerable.Range(0, 5), pair.LeftEnd.Messages.Select(message => BitConverter.ToInt32(message.Data.Span)));
        pair.Left.Shutdown(pair.Network.Now);
        Assert.True(pair.Network.RunUntil(() => pair.Left.State == SctpState.Closed && pair.Right.State == SctpState.Closed));
        Assert.Equal(11, pair.RightEnd.Messages.Count());
        for (ushort stream = 0; stream < 2; stream++)
        {
            var numbers = pair.RightEnd.Messages.Where(message => message.Stream == stream).Select(message => BitConverter.ToInt32(message.Data.Span));
            Assert.Equal(Enumerable.Range(0, 10).Where(i => i % 2 == stream), numbers);
        }

        return pair.Network.Sent;
    }
}
