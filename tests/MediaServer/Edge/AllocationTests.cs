using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

/// <summary>The loop allocates nothing per datagram, neither for strangers nor for audio.</summary>
public sealed class AllocationTests
{
    private const int Datagrams = 3000;

    [Fact]
    public async Task Strangers_cost_no_allocation()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.OfferAsync();
        using var probe = new StunProbe();
        byte[][] kinds =
        [
            StunProbe.Check(call.Client.Peer.OfferSdp, call.Handle.AnswerSdp, ufrag: "AAAAAAAA"),
            [22, 254, 253, 0, 0],
            [128, 111, 0, 1],
            [255, 255],
        ];
        await SendAll();
        var before = await AllocatedOnLoopAsync(fixture);
        await SendAll();
        Assert.InRange(await AllocatedOnLoopAsync(fixture) - before, 0, Datagrams);

        async Task SendAll()
        {
            var target = fixture.Counters[EdgeCounter.Received];
            for (var i = 0; i < Datagrams; i++)
            {
                probe.Send(kinds[i % kinds.Length], "127.0.0.1", fixture.Edge.Port);
                target++;
                if (i % 100 == 0)
                {
                    await Eventually.Holds(() => fixture.Counters[EdgeCounter.Received] == target);
                }
            }

            await Eventually.Holds(() => fixture.Counters[EdgeCounter.Received] == target);
        }
    }

    [Fact]
    public async Task Audio_costs_no_allocation()
    {
        using var fixture = new EdgeFixture();
        using var client = new SocketClient();
        var owner = new CountingListener();
        var handle = await fixture.Edge.AcceptAsync(client.Peer.OfferSdp, owner, CancellationToken.None);
        client.AcceptAnswer(handle.AnswerSdp);
        await Eventually.Holds(() => client.State == PeerState.Connected);
        await SpeakAsync();
        var before = await AllocatedOnLoopAsync(fixture);
        await SpeakAsync();

        // Some bytes come from what is not audio: receiver reports, checks, SCTP heartbeats.
        Assert.InRange(await AllocatedOnLoopAsync(fixture) - before, 0, Datagrams * 8);

        async Task SpeakAsync()
        {
            var target = owner.Frames;
            for (var i = 0; i < Datagrams; i++)
            {
                client.SendAudio("eighty bytes of what might be Opus, but nobody here looks into it at all, ever.");
                target++;
                if (i % 20 == 0)
                {
                    await Eventually.Holds(() => owner.Frames == target);
                }
            }

            await Eventually.Holds(() => owner.Frames == target);
        }
    }

    private static async Task<long> AllocatedOnLoopAsync(EdgeFixture fixture)
    {
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        fixture.Edge.Shard.Post(_ => done.SetResult(GC.GetAllocatedBytesForCurrentThread()));
        return await done.Task;
    }

    private sealed class CountingListener : IPeerListener
    {
        private int _frames;

        public int Frames => Volatile.Read(ref _frames);

        public void OnFrame(in ReceivedFrame frame) => Volatile.Write(ref _frames, _frames + 1);

        public void OnEvent(PeerEvent peerEvent)
        {
        }
    }
}
