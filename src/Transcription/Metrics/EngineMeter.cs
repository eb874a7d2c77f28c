using System.Diagnostics.Metrics;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Metrics;

/// <summary>
/// The figures of the engine for whoever listens: <c>dotnet-counters</c>, or OpenTelemetry in the process (<c>docs/pool_monitoring.md</c> lists them).
/// Where nobody listens they cost a comparison each.
/// </summary>
public sealed class EngineMeter : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "AsrHub.Rtc";

    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1, 2, 5, 10] };
    private readonly Counter<long> _passes;
    private readonly Histogram<double> _waits;
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _refused;

    /// <summary>Makes a meter that nothing is told to yet.</summary>
    public EngineMeter()
    {
        _passes = Meter.CreateCounter<long>("asrhub.passes", "{pass}", "Passes that sessions asked for, by outcome.");
        _waits = Meter.CreateHistogram("asrhub.pass.wait", "s", "How long passes waited for a recognizer.", tags: null, Seconds);
        _durations = Meter.CreateHistogram("asrhub.pass.duration", "s", "How long passes ran on a recognizer.", tags: null, Seconds);
        _refused = Meter.CreateCounter<long>("asrhub.sessions.refused", "{session}", "Sessions that were refused, by error code.");
    }

    /// <summary>What it is made of.</summary>
    public Meter Meter { get; } = new(Name, typeof(EngineMeter).Assembly.GetName().Version?.ToString());

    /// <summary>Tells the figures of a scheduler and its pools whenever somebody asks.</summary>
    /// <param name="scheduler">The scheduler.</param>
    public void Watch(PassScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        Gauge("asrhub.pool.size", "Recognizers that can serve.", static pool => pool.Size);
        Gauge("asrhub.pool.busy", "Recognizers at work.", static pool => pool.Leased);
        Gauge("asrhub.pool.preparing", "Recognizers that are being made.", static pool => pool.Preparing);
        Gauge("asrhub.pool.quarantined", "Recognizers that were given up and whose native call has not come back.", static pool => pool.Quarantined);
        Gauge("asrhub.pool.waiting", "Passes that wait for a recognizer.", static pool => pool.Waiting);
        Count("asrhub.pool.waits", "Passes that asked for a recognizer.", static pool => pool.Requests);
        Count("asrhub.pool.timeouts", "Passes that gave up waiting for a recognizer.", static pool => pool.Timeouts);
        Count("asrhub.pool.failures", "Passes that a recognizer failed on.", static pool => pool.Failures);
        Count("asrhub.pool.preemptions", "Partial passes that were ended for a final.", static pool => pool.Preemptions);
        Count("asrhub.pool.reclaimed", "Recognizers that hung and were given up.", static pool => pool.Reclaimed);
        Count("asrhub.pool.replaced", "Recognizers that were given up as unfit, the hung ones included.", static pool => pool.Replaced);
        _ = Meter.CreateObservableUpDownCounter("asrhub.pool.memory", () => Memory(scheduler), "By", "Memory of the weights and what is computed in (shared), and of the recognizers' own buffers (own).");
        _ = Meter.CreateObservableCounter("asrhub.pool.busy.time", () => Each(scheduler, static pool => pool.UseTime.TotalSeconds), "s", "Time that recognizers were at work.");
        _ = Meter.CreateObservableCounter("asrhub.pool.time", () => Each(scheduler, static pool => pool.CapacityTime.TotalSeconds), "s", "Time that recognizers were there.");
        _ = Meter.CreateObservableGauge("asrhub.load.level", () => (int)scheduler.Broker.MeasureLoad(), null, "0 normal, 1 stretched, 2 pauses only, 3 finals only, 4 full.");
        _ = Meter.CreateObservableGauge("asrhub.load.utilization", () => scheduler.Broker.Utilization, "1", "Share of the recognizers' time that live passes took over the last seconds.");
        _ = Meter.CreateObservableCounter("asrhub.cache.lookups", () => scheduler.Cache.Lookups, "{pass}", "Finals asked for.");
        _ = Meter.CreateObservableCounter(
            "asrhub.cache.hits",
            () => new Measurement<long>[] { new(scheduler.Cache.Hits, new KeyValuePair<string, object?>("kind", "memory")), new(scheduler.Cache.Joins, new KeyValuePair<string, object?>("kind", "shared")) },
            "{pass}",
            "Finals that needed no pass of their own.");

        void Gauge(string name, string what, Func<ProviderPoolStatistics, long> read) => Meter.CreateObservableUpDownCounter(name, () => Each(scheduler, read), null, what);
        void Count(string name, string what, Func<ProviderPoolStatistics, long> read) => Meter.CreateObservableCounter(name, () => Each(scheduler, read), null, what);
    }

    /// <summary>Tells how many sessions there are whenever somebody asks.</summary>
    /// <param name="engine">Where they are.</param>
    public void Watch(TranscriptionEngine engine) =>
        Meter.CreateObservableUpDownCounter("asrhub.sessions", () => engine.SessionCount, "{session}", "Sessions that are open.");

    /// <summary>Tells how many pauses were judged whenever somebody asks.</summary>
    /// <param name="judges">Who judges them.</param>
    public void Watch(TurnJudges judges)
    {
        ArgumentNullException.ThrowIfNull(judges);
        _ = Meter.CreateObservableCounter(
            "asrhub.turns.judged",
            () => new Measurement<long>[] { Outcome(judges.Answered, "done"), Outcome(judges.Failed, "failed"), Outcome(judges.LeftOut, "skipped") },
            "{pause}",
            "Pauses in which it was asked whether the turn is complete, by outcome.");

        static Measurement<long> Outcome(long count, string outcome) => new(count, new KeyValuePair<string, object?>("outcome", outcome));
    }

    /// <summary>A session was refused.</summary>
    /// <param name="code">Code of the error that the client got.</param>
    public void SessionRefused(string code) => _refused.Add(1, new KeyValuePair<string, object?>("code", code));

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    internal void PassEnded(string model, PassRank rank, string outcome) => _passes.Add(
        1, new KeyValuePair<string, object?>("model", model), new KeyValuePair<string, object?>("kind", NameOf(rank)), new KeyValuePair<string, object?>("outcome", outcome));

    internal void PassWaited(string model, PassRank rank, double seconds) => _waits.Record(
        seconds, new KeyValuePair<string, object?>("model", model), new KeyValuePair<string, object?>("kind", NameOf(rank)));

    internal void PassRan(string model, PassRank rank, double seconds) => _durations.Record(
        seconds, new KeyValuePair<string, object?>("model", model), new KeyValuePair<string, object?>("kind", NameOf(rank)));

    private static string NameOf(PassRank rank) => rank switch
    {
        PassRank.Final => "final",
        PassRank.Batch => "batch",
        _ => "partial",
    };

    private static IEnumerable<Measurement<long>> Memory(PassScheduler scheduler)
    {
        foreach (var pool in scheduler.Pools)
        {
            var statistics = pool.GetStatistics();
            var model = new KeyValuePair<string, object?>("model", pool.Model);
            yield return new Measurement<long>(statistics.SharedBytes, model, new KeyValuePair<string, object?>("kind", "shared"));
            yield return new Measurement<long>(statistics.OwnBytes, model, new KeyValuePair<string, object?>("kind", "own"));
        }
    }

    private static IEnumerable<Measurement<T>> Each<T>(PassScheduler scheduler, Func<ProviderPoolStatistics, T> read)
        where T : struct
    {
        foreach (var pool in scheduler.Pools)
        {
            yield return new Measurement<T>(read(pool.GetStatistics()), new KeyValuePair<string, object?>("model", pool.Model));
        }
    }
}
