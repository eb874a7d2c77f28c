using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

public sealed class TimerHeapTests
{
    [Fact]
    public void Peers_come_out_in_the_order_of_their_times_whatever_happened_before()
    {
        var random = new Random(7);
        var heap = new TimerHeap();
        var peers = Enumerable.Range(0, 500).Select(_ => new ShardPeer(null!, null!, null!)).ToList();
        var expected = new Dictionary<ShardPeer, long>();
        for (var step = 0; step < 20_000; step++)
        {
            var peer = peers[random.Next(peers.Count)];
            switch (random.Next(4))
            {
                case 0:
                    heap.Remove(peer);
                    _ = expected.Remove(peer);
                    break;
                default:
                    var at = (long)random.Next(100_000);
                    heap.ScheduleBy(peer, at);
                    expected[peer] = Math.Min(at, expected.GetValueOrDefault(peer, long.MaxValue));
                    break;
            }

            Assert.Equal(expected.Count, heap.Count);
            Assert.Equal(expected.Count == 0 ? Micros.Never : expected.Values.Min(), heap.Earliest);
            if (step % 10 == 0 && heap.TryTake(heap.Earliest, out var taken))
            {
                Assert.Equal(expected.Values.Min(), expected[taken]);
                _ = expected.Remove(taken);
            }
        }
    }

    [Fact]
    public void A_time_that_has_not_come_stays()
    {
        var heap = new TimerHeap();
        heap.ScheduleBy(new ShardPeer(null!, null!, null!), 100);
        Assert.False(heap.TryTake(99, out _));
        Assert.True(heap.TryTake(100, out _));
        Assert.False(heap.TryTake(long.MaxValue, out _));
    }
}
