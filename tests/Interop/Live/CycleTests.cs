using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;
using AsrHub.Rtc.Crypto;
using AsrHub.Rtc.Tests.Shared;
using Xunit.Abstractions;

namespace AsrHub.Rtc.Interop.Tests.Live;

[Collection(LiveCollection.Name)]
public sealed partial class CycleTests(LiveEngine live, ITestOutputHelper output)
{
    private const int Cycles = 200;
    private const int Settled = 50;
    private const long Allowance = 5 * 1024 * 1024;

    [ModelFact]
    public async Task Two_hundred_calls_leave_nothing_behind()
    {
        // A second of speech, all at once: what is looked for is what stays, not how fast it is.
        var packets = OpusPackets.Encode(SpeechClip.Samples(SharedData.Bundled("LJ001-0008.flac")).AsSpan(0, 16_000));
        await using var server = await live.StartServerAsync();
        await using var hub = await server.ConnectHubAsync();
        await CallAsync(hub, packets);
        await WaitUntilLeft(server);
        var handles = NativeHandles.Count;
        var settled = 0L;
        for (var i = 1; i <= Cycles; i++)
        {
            await CallAsync(hub, packets);
            if (i % Settled == 0)
            {
                await WaitUntilLeft(server);
                Assert.Equal(handles, NativeHandles.Count);
                var resident = Resident();
                output.WriteLine($"after {i} calls: {resident / 1048576.0:0.0} MB resident, {GC.GetTotalMemory(false) / 1048576.0:0.0} MB of it managed");
                settled = i == Settled ? resident : settled;
            }
        }

        Assert.InRange(Resident(), 0, settled + Allowance);
    }

    private static async Task CallAsync(RawHubClient hub, List<byte[]> packets)
    {
        await using var speaker = await LiveSpeaker.ConnectAsync(hub, new { include = new[] { "x-interim" } });
        foreach (var packet in packets)
        {
            Assert.True(speaker.Peer.SendAudio(packet));
        }

        // Not speech_started: a Close by the hub may overtake packets that still wait in the server's socket, and what is left may hold no word.
        await speaker.WaitAsync(heard => heard.Any(e => e.IsInterim || e.IsCompleted));
        await speaker.CloseAsync();
        Assert.NotEmpty(speaker.Text);
    }

    private static async Task WaitUntilLeft(LiveServer server)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (server.Sessions.Count > 0 || server.Edge.PeerCount > 0)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), "Sessions or peers are left.");
            await Task.Delay(20);
        }
    }

    private static long Resident()
    {
        for (var i = 0; i < 3; i++)
        {
            GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        // What glibc keeps of memory that was given back is not held by anything.
        _ = TrimHeap(0);
        var pages = long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture);
        return pages * Environment.SystemPageSize;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nuint keep);
}
