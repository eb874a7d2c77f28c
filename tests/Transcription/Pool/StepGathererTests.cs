using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

public sealed class StepGathererTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A busy machine may take long to start a test's threads; nobody becomes important by that.
    private readonly PassTurns _turns = new(1) { LongWait = TimeSpan.FromHours(1) };
    private readonly StepGatherer<Step, Call> _gatherer;
    private readonly List<string> _calls = [];
    private readonly List<string> _undone = [];
    private Exception? _failure;

    public StepGathererTests() => _gatherer = new StepGatherer<Step, Call>(() => new Call(this));

    public void Dispose() => _gatherer.Dispose();

    [Fact]
    public async Task Steps_that_wait_for_a_core_are_done_in_one_call()
    {
        var busy = Take(PassRank.Partial);
        Task[] waiting = [.. Enumerable.Range(0, 3).Select(i => RunAsync($"{i}", PassRank.Partial))];
        await PendingAsync(3);
        Assert.Empty(_calls);

        busy.GiveBack();
        await Task.WhenAll(waiting).WaitAsync(Patience);

        Assert.Equal("0 1 2", string.Join(' ', Assert.Single(_calls).Split(' ').Order()));
        Assert.Equal((1, 3), _gatherer.Counts);
    }

    [Fact]
    public async Task A_step_with_a_core_to_itself_is_done_at_once_and_alone()
    {
        _turns.Cores = 2;
        var busy = Take(PassRank.Final);

        await RunAsync("a", PassRank.Batch).WaitAsync(Patience);
        await RunAsync("b", rank: null).WaitAsync(Patience);

        Assert.Equal(["a", "b"], _calls);
        busy.GiveBack();
    }

    [Fact]
    public async Task A_more_important_pass_does_not_wait_behind_a_less_important_one_and_takes_its_step_along()
    {
        var busy = Take(PassRank.Final);
        var step = RunAsync("batch", PassRank.Batch);
        await PendingAsync(1);
        var encoding = Task.Run(() =>
        {
            var turn = Take(PassRank.Partial);
            lock (_calls)
            {
                _calls.Add("encoding");
            }

            turn.GiveBack();
        });
        await WaitersAsync(2);
        var final = RunAsync("final", PassRank.Final);
        await WaitersAsync(3);

        busy.GiveBack();
        await Task.WhenAll(step, encoding, final).WaitAsync(Patience);

        Assert.Equal(2, _calls.Count);
        Assert.Equal("batch final", string.Join(' ', _calls[0].Split(' ').Order()));
        Assert.Equal("encoding", _calls[1]);
    }

    [Fact]
    public async Task What_goes_wrong_in_a_call_is_told_to_all_in_it_and_to_nobody_after()
    {
        _failure = new InvalidOperationException("broken");
        var busy = Take(PassRank.Partial);
        Task[] waiting = [RunAsync("a", PassRank.Partial), RunAsync("b", PassRank.Final)];
        await PendingAsync(2);
        busy.GiveBack();

        foreach (var each in waiting)
        {
            var failure = await Assert.ThrowsAsync<RecognizerException>(() => each.WaitAsync(Patience));
            Assert.Contains("broken", failure.Message, StringComparison.Ordinal);
        }

        _failure = null;
        await RunAsync("c", PassRank.Partial).WaitAsync(Patience);
        Assert.Equal("c", _calls[^1]);
    }

    [Fact]
    public async Task A_step_that_goes_wrong_fails_by_itself_and_those_in_its_call_are_done_without_it()
    {
        var busy = Take(PassRank.Final);
        var good = RunAsync("good", PassRank.Partial);
        await PendingAsync(1);
        var bad = RunAsync("bad", PassRank.Partial);
        await PendingAsync(2);
        var better = RunAsync("better", PassRank.Partial);
        await PendingAsync(3);

        busy.GiveBack();

        Assert.Contains("bad", (await Assert.ThrowsAsync<RecognizerException>(() => bad.WaitAsync(Patience))).Message, StringComparison.Ordinal);
        await Task.WhenAll(good, better).WaitAsync(Patience);
        Assert.Equal(["good", "better"], _calls);

        // Whatever the failed call did of them was undone before.
        Assert.Equal(["good", "bad", "better"], _undone);
        Assert.Equal((0, 0), (_gatherer.PendingCount, _turns.WaitingCount));
    }

    [Fact]
    public async Task A_pass_that_is_ended_while_it_waits_takes_its_step_back()
    {
        using var leader = new OrtRunOptions();
        using var led = new OrtRunOptions();
        var busy = Take(PassRank.Final);
        var leads = RunAsync("leads", PassRank.Partial, leader);
        await PendingAsync(1);
        var follows = RunAsync("follows", PassRank.Partial, led);
        var stays = RunAsync("stays", PassRank.Partial);
        await PendingAsync(3);

        led.Terminate();
        await Assert.ThrowsAsync<OperationCanceledException>(() => follows.WaitAsync(Patience));
        leader.Terminate();
        busy.Wake();
        await Assert.ThrowsAsync<OperationCanceledException>(() => leads.WaitAsync(Patience));
        busy.GiveBack();
        await stays.WaitAsync(Patience);

        Assert.Equal(["stays"], _calls);
        Assert.Equal((0, 0), (_gatherer.PendingCount, _turns.WaitingCount));
    }

    [Fact]
    public async Task A_pass_that_hangs_loses_its_core_to_others()
    {
        var hung = Take(PassRank.Final);
        var waiting = RunAsync("a", PassRank.Batch);
        await PendingAsync(1);

        hung.Dispose();
        await waiting.WaitAsync(Patience);

        // When it comes back after all, it gives nothing away that is not its own, and keeps nothing that it takes.
        hung.GiveBack();
        hung.Take(isStep: true);
        hung.GiveBack();
        var first = Take(PassRank.Final);
        var second = Task.Run(() => Take(PassRank.Final));
        await WaitersAsync(1);
        Assert.False(second.IsCompleted);
        first.GiveBack();
        (await second.WaitAsync(Patience)).GiveBack();
    }

    [Fact]
    public async Task Who_has_waited_long_goes_before_more_important_ones()
    {
        _turns.LongWait = TimeSpan.FromSeconds(0.2);
        var busy = Take(PassRank.Final);
        var old = RunAsync("old", PassRank.Batch);
        await PendingAsync(1);
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        _turns.LongWait = TimeSpan.FromHours(1);
        var order = new List<string>();
        var encoding = Task.Run(() =>
        {
            var turn = Take(PassRank.Partial);
            lock (_calls)
            {
                _calls.Add("partial");
            }

            turn.GiveBack();
        });
        await WaitersAsync(2);

        busy.GiveBack();
        await Task.WhenAll(old, encoding).WaitAsync(Patience);

        Assert.Equal(["old", "partial"], _calls);
    }

    private PassTurn Take(PassRank rank)
    {
        var turn = new PassTurn(_turns, rank);
        turn.Take(isStep: false);
        return turn;
    }

    private Task RunAsync(string name, PassRank? rank, OrtRunOptions? options = null) => Task.Factory.StartNew(
        () => _gatherer.Run(new Step(this) { Name = name }, rank is { } known ? new PassTurn(_turns, known) : null, options),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private async Task PendingAsync(int count)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (_gatherer.PendingCount < count && DateTime.UtcNow < deadline)
        {
            await Task.Delay(1);
        }

        // The one that leads waits for a core.
        await WaitersAsync(1);
    }

    private async Task WaitersAsync(int count)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (_turns.WaitingCount < count && DateTime.UtcNow < deadline)
        {
            await Task.Delay(1);
        }
    }

    private sealed class Step(StepGathererTests owner) : GatheredStep
    {
        public required string Name { get; init; }

        internal override void Undo() => owner._undone.Add(Name);
    }

    private sealed class Call(StepGathererTests owner) : IStepCall<Step>
    {
        public void Run(List<Step> steps)
        {
            if (owner._failure is not null)
            {
                throw owner._failure;
            }

            if (steps.Exists(static step => step.Name == "bad"))
            {
                throw new InvalidOperationException("a bad step");
            }

            lock (owner._calls)
            {
                owner._calls.Add(string.Join(' ', steps.Select(static step => step.Name)));
            }
        }

        public void Dispose()
        {
        }
    }
}
