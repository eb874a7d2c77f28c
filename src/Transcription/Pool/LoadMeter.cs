namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// Tells how full the recognizers are, by what was measured: how much of their time live passes took over the last seconds, and how long finals had to wait.
/// Levels rise at once and fall one at a time, when things have been better for a while, so that sessions do not swing. Pure; the broker guards it.
/// </summary>
public sealed class LoadMeter
{
    /// <summary>Utilization from which partials come less often.</summary>
    public const double StretchAt = 0.75;

    /// <summary>Utilization from which partials come at pauses only.</summary>
    public const double PausesAt = 0.92;

    /// <summary>Wait of finals from which there are no partials at all.</summary>
    public static readonly TimeSpan FinalsOnlyAt = TimeSpan.FromMilliseconds(300);

    /// <summary>Wait of finals from which nobody new is let in.</summary>
    public static readonly TimeSpan FullAt = TimeSpan.FromSeconds(2);

    /// <summary>How long things must have been better before the level falls.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    private const double MemorySeconds = 2;
    private const double Relief = 0.15;
    private double _at;
    private double _worseAt;
    private double _wait;

    /// <summary>The level.</summary>
    public PassLoad Level { get; private set; }

    /// <summary>Share of the recognizers' time that live passes took, 0 to 1, over the last seconds.</summary>
    public double Utilization { get; private set; }

    /// <summary>How long finals have waited of late, seconds.</summary>
    public double FinalWait => _wait;

    /// <summary>A final got its provider.</summary>
    /// <param name="seconds">How long it had waited.</param>
    public void FinalWaited(double seconds) => _wait = seconds > _wait ? seconds : (_wait * 0.7) + (seconds * 0.3);

    /// <summary>Time has passed, or is about to be used differently.</summary>
    /// <param name="now">Seconds on any clock that only goes forward.</param>
    /// <param name="used">Share of the recognizers that live passes held since the last call, 0 to 1.</param>
    /// <param name="oldestFinal">How long the oldest final in the queue has waited, seconds.</param>
    public void Observe(double now, double used, double oldestFinal)
    {
        var passed = Math.Max(0, now - _at);
        _at = now;
        var kept = Math.Exp(-passed / MemorySeconds);
        Utilization = (Utilization * kept) + (used * (1 - kept));
        _wait = Math.Max(_wait * kept, oldestFinal);

        var target = LevelAt(1);
        if (target >= Level)
        {
            _worseAt = now;
            Level = target;
        }
        else if (LevelAt(1 - Relief) >= Level)
        {
            _worseAt = now;
        }
        else
        {
            for (; Level > target && now - _worseAt >= Calm.TotalSeconds; Level--)
            {
                _worseAt += Calm.TotalSeconds;
            }
        }
    }

    private PassLoad LevelAt(double scale) =>
        _wait >= FullAt.TotalSeconds * scale ? PassLoad.Full
        : _wait >= FinalsOnlyAt.TotalSeconds * scale ? PassLoad.FinalsOnly
        : Utilization >= PausesAt * scale ? PassLoad.PausesOnly
        : Utilization >= StretchAt * scale ? PassLoad.Stretched
        : PassLoad.Normal;
}
