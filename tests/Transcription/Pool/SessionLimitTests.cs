using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

/// <summary>How much one session may ask for.</summary>
public sealed class SessionLimitTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly ScriptedModel _model = new();
    private PassScheduler? _scheduler;

    public async ValueTask DisposeAsync()
    {
        if (_scheduler is not null)
        {
            await _scheduler.DisposeAsync();
        }
    }

    [Fact]
    public async Task Partials_beyond_the_rate_are_left_out_until_time_has_passed()
    {
        var scheduler = await StartAsync(new PassSchedulerOptions { PassesPerSecond = 2 });
        for (var i = 0; i < 10; i++)
        {
            Assert.NotNull(await RunAsync("a", isFinal: false));
        }

        Assert.Null(await RunAsync("a", isFinal: false));
        Assert.NotNull(await RunAsync("b", isFinal: false));
        Assert.Equal((1, 1), (scheduler.PartialsLimited, scheduler.PartialsSkipped));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await RunAsync("a", isFinal: false));
        Assert.NotNull(await RunAsync("a", isFinal: false));
        Assert.Null(await RunAsync("a", isFinal: false));
    }

    [Fact]
    public async Task A_final_beyond_the_rate_is_put_off_and_not_left_out()
    {
        var scheduler = await StartAsync(new PassSchedulerOptions { PassesPerSecond = 2 });
        for (var i = 0; i < 10; i++)
        {
            Assert.NotNull(await RunAsync("a", isFinal: true));
        }

        var late = RunAsync("a", isFinal: true);
        await SessionRig.UntilAsync(() => scheduler.FinalsDelayed == 1, "it waits");
        Assert.Equal(10, _model.Passes.Count);
        await SessionRig.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                return late.IsCompleted;
            },
            "its time comes");
        Assert.Equal("w1 w2", (await late)!.Text);
    }

    [Fact]
    public async Task Windows_of_a_file_have_no_rate()
    {
        var scheduler = await StartAsync(new PassSchedulerOptions { PassesPerSecond = 1 });
        for (var i = 0; i < 20; i++)
        {
            Assert.NotNull(await RunAsync("file", isFinal: true, isBatch: true));
        }

        Assert.Equal(0, scheduler.FinalsDelayed);
    }

    [Fact]
    public async Task Sessions_that_are_gone_are_forgotten()
    {
        _ = await StartAsync(new PassSchedulerOptions());
        var lines = new SessionLines(new PassSchedulerOptions { PassesPerSecond = 10 }, _time);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(TimeSpan.Zero, lines.Take($"session{i}", canWait: false));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(lines.Remembered, 1, 200);
    }

    [Fact]
    public async Task More_passes_than_one_session_may_have_in_line_are_refused_with_the_reason()
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
        var scheduler = await StartAsync(new PassSchedulerOptions { MaxPassesPerSession = 3 });
        var mine = new[] { RunAsync("a", isFinal: true), RunAsync("a", isFinal: true), RunAsync("a", isFinal: true) };

        var exception = await Assert.ThrowsAsync<RecognizerException>(() => RunAsync("a", isFinal: true));
        Assert.Contains("has 3 passes", exception.Message, StringComparison.Ordinal);
        Assert.Null(await RunAsync("a", isFinal: false));
        Assert.Equal((1, 1), (scheduler.FinalsRefused, scheduler.PartialsLimited));
        var others = RunAsync("b", isFinal: true);
        gate.Set();
        Assert.All(await Task.WhenAll([.. mine, others]), static result => Assert.Equal("w1 w2", result!.Text));
        Assert.NotNull(await RunAsync("a", isFinal: true));
    }

    private async Task<PassScheduler> StartAsync(PassSchedulerOptions options)
    {
        _scheduler = new PassScheduler(options with { MaxConcurrent = 2, DuplicateWindow = TimeSpan.Zero }, _time);
        _ = await _scheduler.AddModelAsync(
            _model, new ProviderPoolOptions { MinSize = 2, MaxSize = 2, HealthCheckInterval = TimeSpan.FromDays(1) }, CancellationToken.None);
        return _scheduler;
    }

    private Task<PassResult?> RunAsync(string session, bool isFinal, bool isBatch = false) => _scheduler!.RunAsync(
        new ScheduledPass
        {
            Model = "scripted",
            SessionId = session,
            Tenant = "tenant",
            IsBatch = isBatch,
            Deadline = _time.GetTimestamp() + TimeSpan.TicksPerHour,
            Request = new PassRequest { Audio = CodedSpeech.Say(1, 2), IsFinal = isFinal },
        },
        CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
}
