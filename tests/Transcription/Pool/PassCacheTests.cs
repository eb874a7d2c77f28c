using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

/// <summary>The same audio is not transcribed twice within five seconds.</summary>
public sealed class PassCacheTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly ScriptedModel _model = new();
    private readonly PassScheduler _scheduler;
    private int _session;

    public PassCacheTests()
    {
        _scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 2 }, _time);
    }

    public async ValueTask DisposeAsync() => await _scheduler.DisposeAsync();

    [Fact]
    public async Task The_same_audio_within_the_window_comes_from_memory_and_after_it_is_heard_again()
    {
        await StartAsync();
        Assert.Equal("w1 w2", await HearAsync([1, 2]));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal("w1 w2", await HearAsync([1, 2]));
        Assert.Single(_model.Passes);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("w1 w2", await HearAsync([1, 2]));

        Assert.Equal(2, _model.Passes.Count);
        Assert.Equal((3, 1, 0), (_scheduler.Cache.Lookups, _scheduler.Cache.Hits, _scheduler.Cache.Joins));
    }

    [Fact]
    public async Task Those_who_ask_at_the_same_time_share_one_pass()
    {
        using var gate = new ManualResetEventSlim();
        _model.Script = (_, pass) =>
        {
            if (pass.Audio.Length != 16_000)
            {
                gate.Wait();
            }

            return ScriptedModel.Hear(pass);
        };
        await StartAsync();
        var all = Enumerable.Range(0, 5).Select(_ => HearAsync([3, 4])).ToArray();
        await SessionRig.UntilAsync(() => _scheduler.Cache.Joins == 4, "four join");
        gate.Set();

        Assert.All(await Task.WhenAll(all), static text => Assert.Equal("w3 w4", text));
        Assert.Single(_model.Passes);
    }

    [Fact]
    public async Task Another_tenant_language_or_sound_is_another_pass()
    {
        await StartAsync();
        _ = await HearAsync([1, 2]);
        _ = await HearAsync([1, 2], tenant: "other");
        _ = await HearAsync([1, 2], language: "en");
        _ = await HearAsync([1, 3]);

        Assert.Equal(4, _model.Passes.Count);
        Assert.Equal(0, _scheduler.Cache.HitRate);
    }

    [Fact]
    public async Task A_failure_is_not_kept_and_those_who_shared_it_try_for_themselves()
    {
        var failures = 0;
        using var gate = new ManualResetEventSlim();
        _model.Script = (_, pass) =>
        {
            if (pass.Audio.Length == 16_000)
            {
                return ScriptedModel.Hear(pass);
            }

            gate.Wait();
            return Interlocked.Increment(ref failures) <= 3 ? throw new RecognizerException("broken") : ScriptedModel.Hear(pass);
        };
        await StartAsync();
        var first = HearAsync([1, 2]);
        await SessionRig.UntilAsync(() => _scheduler.Cache.Lookups == 1, "the first runs");
        var second = HearAsync([1, 2]);
        await SessionRig.UntilAsync(() => _scheduler.Cache.Joins == 1, "the second joins");
        gate.Set();

        _ = await Assert.ThrowsAsync<RecognizerException>(() => first);
        Assert.Equal("w1 w2", await second);
    }

    [Fact]
    public async Task A_replayed_recording_is_answered_from_memory_for_more_than_a_third()
    {
        await StartAsync();
        for (var repeat = 0; repeat < 2; repeat++)
        {
            for (var clip = 0; clip < 10; clip++)
            {
                _ = await HearAsync([clip, clip + 1, clip + 2]);
            }
        }

        Assert.Equal(0.5, _scheduler.Cache.HitRate);
    }

    private async Task StartAsync() =>
        _ = await _scheduler.AddModelAsync(_model, new ProviderPoolOptions { MinSize = 2, MaxSize = 2 }, CancellationToken.None);

    private async Task<string> HearAsync(int[] codes, string tenant = "tenant", string? language = null)
    {
        var pass = new ScheduledPass
        {
            Model = "scripted",
            SessionId = $"session{_session++}",
            Tenant = tenant,
            Deadline = _time.GetTimestamp(),
            Request = new PassRequest { Audio = CodedSpeech.Say(codes), IsFinal = true, Language = language },
        };
        return (await _scheduler.RunAsync(pass, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60)))!.Text;
    }
}
