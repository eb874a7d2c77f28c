using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

/// <summary>What a pool says that it holds, beside what the C library has given out. By itself, since what other tests hold would count as its own.</summary>
[Collection("Managed memory")]
public sealed partial class MoonshineMemoryTests
{
    private const int Providers = 3;

    [Fact]
    public async Task A_pool_tells_what_its_weights_and_recognizers_hold_and_no_more_of_those_that_it_gave_up()
    {
        // The first time, what it hears is compared with what the shipped graphs hear.
        MoonshineModel.Load(new MoonshineSettings { UseKernels = true }).Dispose();
        var before = NativeBytes();
        using var model = MoonshineModel.Load(new MoonshineSettings { UseKernels = true });
        var loaded = NativeBytes() - before;

        Assert.InRange(model.SharedBytes, 20_000_000, 60_000_000);
        AssertNear(loaded, model.SharedBytes, "the weights");

        await using var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = Providers }, TimeProvider.System);
        var pool = await scheduler.AddModelAsync(model, new ProviderPoolOptions { MinSize = Providers, MaxSize = Providers }, CancellationToken.None);
        var warm = pool.GetStatistics();
        await HearAsync(pool);

        // Longer audio takes larger buffers.
        var heard = pool.GetStatistics();
        Assert.InRange(heard.OwnBytes, warm.OwnBytes + 1, 60_000_000);
        Assert.InRange(warm.OwnBytes, 1, 60_000_000);
        Assert.InRange(heard.SharedBytes, warm.SharedBytes, 100_000_000);
        AssertNear(NativeBytes() - before, heard.MemoryBytes, "the pool");

        var held = NativeBytes();
        await pool.ScaleAsync(1, CancellationToken.None);
        var small = pool.GetStatistics();
        Assert.Equal(1, small.Size);
        Assert.InRange(small.OwnBytes, 1, heard.OwnBytes / 2);
        Assert.Equal(heard.SharedBytes, small.SharedBytes);
        AssertNear(held - NativeBytes(), heard.OwnBytes - small.OwnBytes, "those that were given up");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_recognizer_that_was_disposed_of_holds_nothing(bool ownCode)
    {
        using var model = MoonshineModel.Load(new MoonshineSettings { UseKernels = ownCode });
        var recognizer = model.CreateRecognizer();
        _ = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, WordTimes = ownCode });
        Assert.InRange(recognizer.OwnBytes, 100_000, 60_000_000);
        Assert.InRange(model.SharedBytes, 20_000_000, 100_000_000);

        recognizer.Dispose();
        Assert.Equal(0, recognizer.OwnBytes);
    }

    /// <summary>Has every provider hear a clip by itself, at the same time.</summary>
    private static async Task HearAsync(ProviderPool pool)
    {
        var leases = new List<ProviderLease>();
        for (var i = 0; i < Providers; i++)
        {
            leases.Add(await pool.AcquireAsync(new LeaseRequest(), CancellationToken.None));
        }

        Parallel.ForEach(leases, static lease => _ = lease.Recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true }));
        foreach (var lease in leases)
        {
            lease.Judge(LeaseOutcome.Success);
            lease.Dispose();
        }
    }

    private static void AssertNear(long real, long told, string what)
    {
        Assert.True(told > real * 0.8 && told < real * 1.2, $"{what}: {told} bytes are told, the C library has given out {real}");
    }

    private static long NativeBytes()
    {
        // Native memory that nobody refers to any more is given back by finalizers.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var info = MemoryInfo();
        return (long)(info.InUse + info.Mapped);
    }

    // mallinfo2(3)
    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial NativeInfo MemoryInfo();

    [StructLayout(LayoutKind.Explicit, Size = 80)]
    private struct NativeInfo
    {
        [FieldOffset(32)]
        public nuint Mapped;

        [FieldOffset(56)]
        public nuint InUse;
    }
}
