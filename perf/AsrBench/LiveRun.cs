using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.AsrBench;

/// <summary>
/// The product's live session. Its clock is the audio: each 100 ms are given when all that came of those before is done, so that a busy machine makes no pass late
/// and lets none be left out.
/// </summary>
internal sealed class LiveRun : IAsyncDisposable
{
    private const int Step = Clip.SampleRate / 10;
    private static readonly float[] Silence = new float[Clip.SampleRate];
    private readonly ManualTime _time = new();
    private readonly PassScheduler _scheduler;
    private readonly MeteredScheduler _metered;
    private readonly TranscriptionEngine _engine;

    private LiveRun(string name, PassScheduler scheduler, IVoiceActivityModel activity, ModelInfo model)
    {
        Outcome = new Outcome(name);
        _scheduler = scheduler;
        _metered = new MeteredScheduler(scheduler);
        _engine = new TranscriptionEngine(_metered, activity, new SessionOptions(), _time);
        _engine.AddModel(model);
    }

    public Outcome Outcome { get; }

    /// <summary>Words that were committed and are not in the final text of their turn.</summary>
    public int CommittedAndRevised { get; private set; }

    public List<double> FirmDelays { get; } = [];

    public static async Task<LiveRun> StartAsync(string name, IRecognizerModel model, IVoiceActivityModel activity)
    {
        var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 1 }, TimeProvider.System);
        _ = await scheduler.AddModelAsync(model, new ProviderPoolOptions { MinSize = 1, MaxSize = 1, MaxLease = TimeSpan.FromMinutes(5) }, CancellationToken.None);
        return new LiveRun(name, scheduler, activity, model.Info);
    }

    public async Task RunAsync(Clip clip)
    {
        var passes = _metered.Passes;
        var cpu = CpuClock.Seconds;
        await using var session = (TranscriptionSession)_engine.CreateSession(new SessionSettings { Include = SessionIncludes.Interim }, "bench");
        await using var events = session.Events.ReadAsync(0, CancellationToken.None).GetAsyncEnumerator();
        var screen = new Screen();
        var seen = 0L;
        float[] pcm = [.. clip.Samples, .. Silence];
        for (var at = 0; at < pcm.Length; at += Step)
        {
            var count = Math.Min(Step, pcm.Length - at);
            _time.Advance(TimeSpan.FromSeconds((double)count / Clip.SampleRate));
            await session.WritePcmAsync(pcm.AsMemory(at, count), CancellationToken.None);
            await _metered.SettleAsync(session);
            await ReadAsync((double)(at + count) / Clip.SampleRate);
        }

        await session.CloseAsync("The clip is over.", CancellationToken.None);
        await ReadAsync((double)pcm.Length / Clip.SampleRate);
        Outcome.CpuSeconds += CpuClock.Seconds - cpu;
        Outcome.Passes += _metered.Passes - passes;
        Outcome.Add(clip, screen.Text, screen.Shown);
        CommittedAndRevised += screen.CommittedAndRevised;
        FirmDelays.AddRange(screen.Firm.Delays(clip));

        async Task ReadAsync(double now)
        {
            var changed = false;
            for (; seen < session.Events.LastSequence; seen++)
            {
                _ = await events.MoveNextAsync();
                changed |= screen.Take(events.Current);
            }

            if (changed)
            {
                screen.Draw(now);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _scheduler.DisposeAsync();
    }

    /// <summary>The text as a client draws it.</summary>
    private sealed class Screen
    {
        private readonly List<string> _order = [];
        private readonly Dictionary<string, string> _shown = [];
        private readonly Dictionary<string, string> _committed = [];

        public ShownWords Shown { get; } = new();

        public ShownWords Firm { get; } = new();

        public int CommittedAndRevised { get; private set; }

        public string Text => Join(_shown);

        public bool Take(TranscriptEvent one)
        {
            switch (one)
            {
                case TranscriptEvent.Interim interim:
                    Set(interim.ItemId, interim.CommittedText + interim.Tail);
                    return true;
                case TranscriptEvent.Delta delta:
                    _committed[delta.ItemId] = _committed.GetValueOrDefault(delta.ItemId, "") + delta.Text;
                    return true;
                case TranscriptEvent.Completed completed:
                    var committed = WordNormalizer.Split(_committed.GetValueOrDefault(completed.ItemId, ""));
                    CommittedAndRevised += committed.Length - WordNormalizer.Common(committed, WordNormalizer.Split(completed.Transcript));
                    _committed[completed.ItemId] = completed.Transcript;
                    Set(completed.ItemId, completed.Transcript);
                    return true;
                default:
                    return false;
            }
        }

        public void Draw(double now)
        {
            Shown.Show(Text, now);
            Firm.Show(Join(_committed), now);
        }

        private void Set(string item, string text)
        {
            if (!_shown.ContainsKey(item))
            {
                _order.Add(item);
            }

            _shown[item] = text;
        }

        private string Join(Dictionary<string, string> texts) => string.Join(' ', _order.Select(item => texts.GetValueOrDefault(item, "")));
    }
}
