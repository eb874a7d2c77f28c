using System.Text;
using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

/// <summary>Many who join at once.</summary>
public sealed class HandshakeStormTests
{
    [Fact]
    public async Task All_get_in_though_each_turn_takes_one_and_who_speaks_is_heard_meanwhile()
    {
        using var fixture = new EdgeFixture(new UdpEdgeOptions { Port = 0, Addresses = ["127.0.0.1"], MaxHandshakesPerTurn = 1 });
        var speaker = await fixture.ConnectAsync();

        // A loop that is late finds the datagrams of several at once.
        using var isOver = new CancellationTokenSource();
        var late = Task.Run(async () =>
        {
            while (!isOver.IsCancellationRequested)
            {
                fixture.Edge.Shard.Post(_ => Thread.Sleep(20));
                await Task.Delay(20);
            }
        });
        var joining = Enumerable.Range(0, 16).Select(_ => fixture.ConnectAsync()).ToArray();
        for (var i = 0; i < 20; i++)
        {
            speaker.Client.SendAudio($"frame {i}");
        }

        _ = await Task.WhenAll(joining);
        await isOver.CancelAsync();
        await late;
        await Eventually.Holds(() => speaker.Owner.Frames == 20);
        Assert.Equal(17, fixture.Edge.PeerCount);
        Assert.InRange(fixture.Counters[EdgeCounter.HandshakesDelayed], 1, long.MaxValue);
        Assert.Equal(0, fixture.Counters[EdgeCounter.DroppedHandshake]);
    }

    [Fact]
    public void What_waits_keeps_its_order_and_its_bytes_and_is_bounded()
    {
        var queue = new HandshakeQueue();
        var peer = new ShardPeer(null!, null!, null!);
        var path = new TransportPath(0, default);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < HandshakeQueue.Capacity; i++)
            {
                Assert.True(queue.TryAdd(peer, Encoding.ASCII.GetBytes($"{round} {i}"), path));
            }

            Assert.False(queue.TryAdd(peer, "too much"u8, path));
            for (var i = 0; i < HandshakeQueue.Capacity; i++)
            {
                Assert.True(queue.TryTake(out var taken));
                Assert.Equal($"{round} {i}", Encoding.ASCII.GetString(taken.Data));
                queue.Return(taken);
            }

            Assert.False(queue.TryTake(out _));
        }
    }
}
