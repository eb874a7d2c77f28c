using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Fakes;

/// <summary>An engine over a scripted model, with what tests need to feed sessions and to read them.</summary>
internal sealed class SessionRig : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private SessionRig(PassScheduler scheduler, TranscriptionEngine engine, ScriptedModel model)
    {
        Scheduler = scheduler;
        Engine = engine;
        Model = model;
    }

    public PassScheduler Scheduler { get; }

    public TranscriptionEngine Engine { get; }

    public ScriptedModel Model { get; }

    public static async Task<SessionRig> StartAsync(
        ScriptedModel? model = null,
        SessionOptions? options = null,
        ProviderPoolOptions? pool = null,
        TimeProvider? time = null,
        IVoiceActivityModel? activity = null,
        int concurrency = 2,
        OperatorCatalog? operators = null,
        TurnJudges? judges = null,
        bool judgesByDefault = false,
        TimeSpan duplicateWindow = default)
    {
        model ??= new ScriptedModel();
        time ??= TimeProvider.System;
        var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = concurrency, DuplicateWindow = duplicateWindow }, time);
        _ = await scheduler.AddModelAsync(model, pool ?? new ProviderPoolOptions { MinSize = 2, MaxSize = 2 }, CancellationToken.None);
        var engine = new TranscriptionEngine(scheduler, activity ?? new EnergyActivity(), options ?? new SessionOptions(), time)
        {
            Operators = operators ?? new OperatorCatalog(),
            Judges = judges,
            JudgesByDefault = judgesByDefault,
        };
        engine.AddModel(model.Info);
        return new SessionRig(scheduler, engine, model);
    }

    public ITranscriptionSession Open(SessionSettings? settings = null, SessionKind kind = SessionKind.Live) =>
        Engine.CreateSession(settings ?? new SessionSettings(), "tenant", kind);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await Scheduler.DisposeAsync();
    }

    /// <summary>Writes PCM in pieces of 20 ms. The session hears them on a thread of its own, maybe after this.</summary>
    public static async Task SpeakAsync(ITranscriptionSession session, params float[][] pcm)
    {
        foreach (var part in pcm)
        {
            for (var at = 0; at < part.Length; at += 320)
            {
                await session.WritePcmAsync(part.AsMemory(at, Math.Min(320, part.Length - at)), CancellationToken.None);
            }
        }
    }

    /// <summary>Writes PCM in pieces of 100 ms, each when all that came of those before is done.</summary>
    public static async Task StepAsync(ITranscriptionSession session, params float[][] pcm)
    {
        float[] all = [.. pcm.SelectMany(static part => part)];
        for (var at = 0; at < all.Length; at += 1600)
        {
            await SpeakAsync(session, all[at..Math.Min(at + 1600, all.Length)]);
            await SettleAsync(session);
        }
    }

    /// <summary>Waits until the session has heard what was written and no pass is under way; its timer is set by then. Whoever moves a <c>ManualTime</c> waits for this first.</summary>
    public static Task SettleAsync(ITranscriptionSession session) => UntilAsync(() => ((TranscriptionSession)session).IsSettled, "the session is settled");

    /// <summary>Closes the session and returns all its events.</summary>
    public static async Task<List<TranscriptEvent>> FinishAsync(ITranscriptionSession session)
    {
        await session.CloseAsync("test", CancellationToken.None).WaitAsync(Patience);
        return await ReadAsync(session, static e => e is TranscriptEvent.Closed);
    }

    /// <summary>Reads events until one is as wished.</summary>
    public static async Task<List<TranscriptEvent>> ReadAsync(ITranscriptionSession session, Func<TranscriptEvent, bool> until)
    {
        var events = new List<TranscriptEvent>();
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            await foreach (var one in session.Events.ReadAsync(0, timeout.Token))
            {
                events.Add(one);
                if (until(one))
                {
                    return events;
                }
            }
        }
        catch (OperationCanceledException)
        {
        }

        throw new Xunit.Sdk.XunitException($"The event did not come. So far:\n{string.Join('\n', events)}");
    }

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > deadline)
            {
                throw new Xunit.Sdk.XunitException($"It did not happen: {what}");
            }

            await Task.Delay(5);
        }
    }

    /// <summary>What a client that joins the finals reads.</summary>
    public static string Finals(IEnumerable<TranscriptEvent> events) =>
        string.Join(' ', events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript).Where(static t => t.Length > 0));

    /// <summary>Checks what must hold for every session: numbers without gaps, deltas before their end, each announced item closed once.</summary>
    public static void CheckContract(IReadOnlyList<TranscriptEvent> events)
    {
        Assert.Equal(Enumerable.Range(1, events.Count).Select(static i => (long)i), events.Select(static e => e.Sequence));
        Assert.IsType<TranscriptEvent.SessionCreated>(events[0]);
        var announced = new HashSet<string>();
        var ended = new HashSet<string>();
        var deltas = new Dictionary<string, string>();
        foreach (var one in events)
        {
            switch (one)
            {
                case TranscriptEvent.SpeechStarted e:
                    Assert.True(announced.Add(e.ItemId));
                    break;
                case TranscriptEvent.Committed e:
                    _ = announced.Add(e.ItemId);
                    break;
                case TranscriptEvent.Delta e:
                    Assert.DoesNotContain(e.ItemId, ended);
                    deltas[e.ItemId] = deltas.GetValueOrDefault(e.ItemId, "") + e.Text;
                    break;
                case TranscriptEvent.Interim e:
                    Assert.Equal(deltas.GetValueOrDefault(e.ItemId, ""), e.CommittedText);
                    break;
                case TranscriptEvent.Completed e:
                    Assert.True(ended.Add(e.ItemId));
                    break;
                case TranscriptEvent.Failed e:
                    Assert.True(ended.Add(e.ItemId));
                    break;
                default:
                    break;
            }
        }

        Assert.Equal(announced.Order(), ended.Order());
    }

    public static EncodedAudio Packet(byte[] payload, int frame) => new(payload, (uint)(frame * 960), 0, frame == 0, 0);
}
