using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>What passes leave for the next lives as long as somebody speaks.</summary>
public sealed class SessionMemoryTests : IDisposable
{
    private readonly ScriptedModel _model = new();
    private int _disposed;

    public SessionMemoryTests()
    {
        _model.Script = (_, pass) =>
        {
            pass.Memory?.Give(pass.Memory.Take<Kept>() ?? new Kept(this));
            return ScriptedModel.Hear(pass);
        };
    }

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task It_is_the_same_for_all_passes_of_a_session_and_no_other()
    {
        await using var rig = await SessionRig.StartAsync(_model);
        var first = rig.Open();
        var second = rig.Open();
        await SessionRig.SpeakAsync(first, CodedSpeech.Say(CodedSpeech.Range(1, 12)), CodedSpeech.Silence(1000));
        _ = await SessionRig.FinishAsync(first);
        var memories = rig.Model.Passes.Select(static pass => pass.Memory).ToArray();
        await SessionRig.SpeakAsync(second, CodedSpeech.Say(1, 2, 3), CodedSpeech.Silence(1000));
        _ = await SessionRig.FinishAsync(second);

        Assert.NotNull(memories[0]);
        Assert.All(memories, memory => Assert.Same(memories[0], memory));
        Assert.NotSame(memories[0], rig.Model.Passes.Last().Memory);
    }

    [Fact]
    public async Task It_is_given_back_when_the_session_ends()
    {
        await using var rig = await SessionRig.StartAsync(_model);
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3), CodedSpeech.Silence(1000));

        _ = await SessionRig.FinishAsync(session);

        await SessionRig.UntilAsync(() => Volatile.Read(ref _disposed) == 1, "the memory is given back");
    }

    [Fact]
    public async Task It_is_given_back_after_a_while_in_which_nothing_comes()
    {
        var time = new ManualTime();
        await using var rig = await SessionRig.StartAsync(_model, time: time);
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3), CodedSpeech.Silence(1000));
        _ = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Completed);
        Assert.Equal(0, Volatile.Read(ref _disposed));
        var completed = time.GetTimestamp();

        await SessionRig.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                return Volatile.Read(ref _disposed) == 1;
            },
            "the memory is given back");

        Assert.InRange(time.GetElapsedTime(completed), new SessionOptions().ContextGap, TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task It_is_given_back_a_while_after_the_turn_was_cleared()
    {
        var time = new ManualTime();
        await using var rig = await SessionRig.StartAsync(_model, time: time);
        var session = rig.Open();
        await SessionRig.StepAsync(session, CodedSpeech.Say(1, 2, 3, 4));
        Assert.NotEmpty(rig.Model.Passes);
        session.Clear();
        _ = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Cleared);

        for (var i = 0; i < 50 && Volatile.Read(ref _disposed) == 0; i++)
        {
            await SessionRig.SettleAsync(session);
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        await SessionRig.UntilAsync(() => Volatile.Read(ref _disposed) == 1, "the memory is given back");
    }

    [Fact]
    public async Task Windows_of_a_file_which_are_heard_once_have_none()
    {
        await using var rig = await SessionRig.StartAsync(_model);
        var session = rig.Open(kind: SessionKind.Batch);
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3), CodedSpeech.Silence(1000));
        _ = await SessionRig.FinishAsync(session);

        Assert.NotEmpty(rig.Model.Passes);
        Assert.All(rig.Model.Passes, static pass => Assert.Null(pass.Memory));
    }

    private sealed class Kept(SessionMemoryTests owner) : IDisposable
    {
        public void Dispose() => _ = Interlocked.Increment(ref owner._disposed);
    }
}
