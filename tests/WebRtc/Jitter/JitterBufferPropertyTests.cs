using System.Buffers.Binary;
using AsrHub.Rtc.WebRtc.Jitter;

namespace AsrHub.Rtc.WebRtc.Tests.Jitter;

/// <summary>Seeded networks that lose, reorder, repeat and delay: whatever they do, order, counts and waiting times hold.</summary>
public sealed class JitterBufferPropertyTests
{
    private const int Packets = 4_000;
    private const long PacketTime = 20 * Micros.Millisecond;

    public static TheoryData<int, double, double, double> Networks
    {
        get
        {
            var data = new TheoryData<int, double, double, double>();
            for (var seed = 0; seed < 12; seed++)
            {
                data.Add(seed, 0, 0.2, 0.1);
                data.Add(seed, 0.05, 0.05, 0.02);
                data.Add(seed, 0.3, 0.3, 0.3);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Output_is_in_order_each_frame_once_losses_add_up_and_no_frame_waits_longer_than_a_packet(int seed, double loss, double reorder, double duplicate)
    {
        var random = new Random(seed);
        var arrivals = new List<(long At, int Index)>();
        for (var i = 0; i < Packets; i++)
        {
            if (i > 0 && random.NextDouble() < loss)
            {
                continue;
            }

            for (var copies = random.NextDouble() < duplicate ? 2 : 1; copies > 0; copies--)
            {
                var delay = i > 0 && random.NextDouble() < reorder ? random.NextInt64(4 * PacketTime) : random.NextInt64(PacketTime / 4);
                arrivals.Add(((i * PacketTime) + delay + PacketTime, i));
            }
        }

        arrivals.Sort();
        var released = Run(arrivals, out var accepted, out var statistics);

        Assert.Equal(accepted, released.Count);
        var expected = arrivals[0].Index;
        foreach (var (index, lostBefore, arrivedAt, releasedAt) in released)
        {
            expected += lostBefore;
            Assert.Equal(expected, index);
            expected++;
            Assert.InRange(releasedAt - arrivedAt, 0, PacketTime);
        }

        Assert.Equal(expected - arrivals[0].Index - released.Count, statistics.Lost);
        Assert.Equal(arrivals.Count, accepted + statistics.Late + statistics.Duplicates);
    }

    [Fact]
    public void One_lost_packet_delays_no_frame_by_more_than_a_packet_time_against_the_same_run_without_the_loss()
    {
        for (var lost = 1; lost < 50; lost++)
        {
            var random = new Random(lost);
            var all = Enumerable.Range(0, 60).Select(i => (At: (i * PacketTime) + random.NextInt64(PacketTime / 2), Index: i)).ToList();
            all.Sort();
            var whole = Run(all, out _, out _).ToDictionary(frame => frame.Index, frame => frame.ReleasedAt);
            var torn = Run(all.Where(packet => packet.Index != lost).ToList(), out _, out _);
            Assert.Equal(59, torn.Count);
            Assert.All(torn, frame => Assert.InRange(frame.ReleasedAt - whole[frame.Index], 0, PacketTime));
        }
    }

    private static List<(int Index, int LostBefore, long ArrivedAt, long ReleasedAt)> Run(
        List<(long At, int Index)> arrivals, out int accepted, out JitterStatistics statistics)
    {
        const ushort FirstSequence = 64_000;
        var buffer = new JitterBuffer();
        var payload = new byte[4];
        var released = new List<(int, int, long, long)>();
        accepted = 0;
        foreach (var (at, index) in arrivals)
        {
            FireUntil(at);
            BinaryPrimitives.WriteInt32BigEndian(payload, index);
            if (buffer.Insert(1, (ushort)(FirstSequence + index), (uint)(index * 960), payload, at) == JitterInsertResult.Accepted)
            {
                accepted++;
            }

            Drain(at);
        }

        FireUntil(long.MaxValue - 1);
        Assert.Equal(0, buffer.WaitingCount);
        statistics = buffer.Statistics;
        return released;

        void FireUntil(long time)
        {
            while (buffer.NextTimeout < time)
            {
                var now = buffer.NextTimeout;
                buffer.OnTimeout(now);
                Drain(now);
            }
        }

        void Drain(long now)
        {
            while (buffer.TryRead(out var frame))
            {
                Assert.Equal(released.Count == 0, frame.IsNewStream);
                released.Add((BinaryPrimitives.ReadInt32BigEndian(frame.Payload.Span), frame.LostBefore, frame.ArrivedAt, now));
            }
        }
    }
}
