using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Transcription.Tests.Fakes;

/// <summary>
/// Sessions, scheduler and broker as they are, over recognizers whose passes take time of a clock. The clock moves only when all that can happen without it has happened, so what comes out does not
/// depend on the machine.
/// </summary>
internal sealed class LoadedRig : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly TimedWork _work;
    private int _askers;

    private LoadedRig(int cores, Func<PassRequest, TimeSpan> cost, SessionOptions? options, Func<PassRequest, PassResult> hear)
    {
        _work = new TimedWork(Time);
        Model = new ScriptedModel
        {
            Script = (recognizer, pass) =>
            {
                if (recognizer.Runs > 1)
                {
                    _work.Do(recognizer, cost(pass));
                }

                return hear(pass);
            },
        };
        Scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = cores, DuplicateWindow = TimeSpan.Zero }, Time);
        Watched = new WatchedScheduler(Scheduler);
        Engine = new TranscriptionEngine(Watched, new EnergyActivity(), options ?? new SessionOptions(), Time);
    }

    public ManualTime Time { get; } = new();

    public ScriptedModel Model { get; }

    public PassScheduler Scheduler { get; }

    public WatchedScheduler Watched { get; }

    public TranscriptionEngine Engine { get; }

    public List<ITranscriptionSession> Sessions { get; } = [];

    public ProviderPool Pool => Scheduler.Pools.Single();

    /// <summary>How full the recognizers are.</summary>
    public PassLoad Load => Scheduler.GetLoad(Model.Info.Name);

    /// <param name="cores">Passes that compute at once.</param>
    /// <param name="cost">How long a pass takes.</param>
    /// <param name="min">Recognizers that are kept.</param>
    /// <param name="max">Recognizers at most.</param>
    /// <param name="options">Pace of the sessions.</param>
    /// <param name="hear">What it hears; null: <see cref="CodedSpeech"/>.</param>
    public static async Task<LoadedRig> StartAsync(
        int cores, Func<PassRequest, TimeSpan> cost, int min, int max, SessionOptions? options = null, Func<PassRequest, PassResult>? hear = null)
    {
        var rig = new LoadedRig(cores, cost, options, hear ?? ScriptedModel.Hear);
        var pool = new ProviderPoolOptions { MinSize = min, MaxSize = max, MaxLease = TimeSpan.FromHours(1), HealthCheckInterval = TimeSpan.FromDays(1) };
        _ = await rig.Scheduler.AddModelAsync(rig.Model, pool, CancellationToken.None);
        rig.Engine.AddModel(rig.Model.Info);
        return rig;
    }

    public ITranscriptionSession Open(SessionSettings? settings = null, SessionKind kind = SessionKind.Live)
    {
        var session = Engine.CreateSession(settings ?? new SessionSettings(), "tenant", kind);
        Sessions.Add(session);
        return session;
    }

    /// <summary>Runs what asks for one pass after the other, without a session; the clock waits whenever it has its answer and does not ask.</summary>
    public async Task AskAsync(Func<Task> ask)
    {
        _ = Interlocked.Increment(ref _askers);
        try
        {
            await ask();
        }
        finally
        {
            _ = Interlocked.Decrement(ref _askers);
        }
    }

    public Task<PassResult?> RunAsync(string session, bool isFinal, params int[] codes) => Watched.RunAsync(
        new ScheduledPass
        {
            Model = Model.Info.Name,
            SessionId = session,
            Tenant = "tenant",
            Deadline = Time.GetTimestamp() + TimeSpan.FromMilliseconds(100).Ticks,
            Request = new PassRequest { Audio = CodedSpeech.Say(codes), IsFinal = isFinal },
        },
        CancellationToken.None).AsTask();

    /// <summary>Lets all happen that can, moves the clock, and lets what comes of it happen.</summary>
    public async Task StepAsync(TimeSpan step)
    {
        await RestAsync();
        Time.Advance(step);
        await RestAsync();
    }

    /// <summary>Says something in each session at the pace of the clock, then silence as long as is wished.</summary>
    /// <param name="speech">What each of <see cref="Sessions"/> says.</param>
    /// <param name="goOn">Asked after each step that follows the last of the speech.</param>
    /// <param name="stepped">Called after each step.</param>
    public async Task SpeakAsync(float[][] speech, Func<bool> goOn, Action? stepped = null)
    {
        const int Piece = 40 * 16;
        var silence = new float[Piece];
        for (var at = 0; speech.Any(one => at < one.Length) || goOn(); at += Piece)
        {
            for (var i = 0; i < speech.Length; i++)
            {
                var piece = at < speech[i].Length ? speech[i].AsMemory(at, Math.Min(Piece, speech[i].Length - at)) : silence;
                await Sessions[i].WritePcmAsync(piece, CancellationToken.None);
            }

            await StepAsync(TimeSpan.FromMilliseconds(40));
            stepped?.Invoke();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        var disposed = Scheduler.DisposeAsync().AsTask();
        while (!disposed.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        await disposed;
    }

    /// <summary>Waits until nothing more happens unless the clock moves on.</summary>
    public async Task RestAsync()
    {
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        for (var looks = 1; !IsAtRest(); looks++)
        {
            if (Environment.TickCount64 > deadline)
            {
                throw new Xunit.Sdk.XunitException($"It does not come to rest: {Watched.Outstanding} passes asked for, {_work.Working} at work, {Scheduler.Pools.Sum(static pool => pool.GetStatistics().Waiting)} in the queue.");
            }

            if (looks % 50 == 0)
            {
                await Task.Delay(1);
            }
            else
            {
                await Task.Yield();
            }
        }
    }

    private bool IsAtRest()
    {
        var changes = Watched.Changes + _work.Changes;
        foreach (var session in Sessions)
        {
            if (session is not TranscriptionSession { IsAtRest: true } one || !(one.IsSettled || Watched.IsOutstanding(one.Id)))
            {
                return false;
            }
        }

        var waiting = 0;
        foreach (var pool in Scheduler.Pools)
        {
            var statistics = pool.GetStatistics();
            waiting += statistics.Waiting;
            if (statistics.Preparing > 0)
            {
                return false;
            }
        }

        // A pass that is on its way between session, queue and recognizer is in neither.
        var outstanding = Watched.Outstanding;
        return outstanding == _work.Working + waiting
            && (Sessions.Count > 0 || outstanding == Volatile.Read(ref _askers))
            && changes == Watched.Changes + _work.Changes;
    }
}
