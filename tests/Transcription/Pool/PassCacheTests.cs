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

    [Theory]
    [InlineData("sound")]
    [InlineData("one sample")]
    [InlineData("length")]
    [InlineData("tenant")]
    [InlineData("model")]
    [InlineData("language")]
    [InlineData("no language")]
    [InlineData("prompt")]
    [InlineData("no prompt")]
    [InlineData("prompt and language exchanged")]
    [InlineData("task")]
    [InlineData("word times")]
    public async Task Whatever_differs_in_what_is_asked_for_makes_another_pass(string what)
    {
        await StartAsync();
        var other = new ScriptedModel { Info = _model.Info with { Name = "other" } };
        _ = await _scheduler.AddModelAsync(other, new ProviderPoolOptions { MinSize = 1, MaxSize = 1 }, CancellationToken.None);
        var pass = Pass([1, 2]) with { Request = new PassRequest { Audio = CodedSpeech.Say(1, 2), IsFinal = true, Language = "en", Prompt = "de" } };
        var request = pass.Request;
        var different = what switch
        {
            "sound" => pass with { Request = request with { Audio = CodedSpeech.Say(1, 3) } },
            "one sample" => pass with { Request = request with { Audio = (float[])[.. CodedSpeech.Say(1, 2)[..^1], 0.25f] } },
            "length" => pass with { Request = request with { Audio = (float[])[.. CodedSpeech.Say(1, 2), 0] } },
            "tenant" => pass with { Tenant = "another" },
            "model" => pass with { Model = "other" },
            "language" => pass with { Request = request with { Language = "fr" } },
            "no language" => pass with { Request = request with { Language = null } },
            "prompt" => pass with { Request = request with { Prompt = "De" } },
            "no prompt" => pass with { Request = request with { Prompt = null } },
            "prompt and language exchanged" => pass with { Request = request with { Prompt = "en", Language = "de" } },
            "task" => pass with { Request = request with { Translate = true } },
            "word times" => pass with { Request = request with { WordTimes = true } },
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
        foreach (var one in new[] { pass, different, pass, different })
        {
            Assert.NotNull(await RunAsync(one with { SessionId = $"session{_session++}" }));
        }

        Assert.Equal(2, _model.Passes.Count + other.Passes.Count);
        Assert.Equal((4, 2, 0), (_scheduler.Cache.Lookups, _scheduler.Cache.Hits, _scheduler.Cache.Joins));
    }

    [Fact]
    public async Task What_only_helps_to_hear_the_same_faster_makes_no_other_pass()
    {
        await StartAsync();
        var pass = Pass([1, 2]);
        _ = await RunAsync(pass);
        using var memory = new PassMemory();
        _ = await RunAsync(pass with { SessionId = "other", Deadline = 7, Request = pass.Request with { Draft = new[] { 1 }, Memory = memory } });

        Assert.Single(_model.Passes);
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

    private async Task<string> HearAsync(int[] codes) => (await RunAsync(Pass(codes)))!.Text;

    private Task<PassResult?> RunAsync(ScheduledPass pass) => _scheduler.RunAsync(pass, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    private ScheduledPass Pass(int[] codes) => new()
    {
        Model = "scripted",
        SessionId = $"session{_session++}",
        Tenant = "tenant",
        Deadline = _time.GetTimestamp(),
        Request = new PassRequest { Audio = CodedSpeech.Say(codes), IsFinal = true },
    };
}
