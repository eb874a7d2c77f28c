namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// The line of each session's passes, and how much one may ask for: so many passes under way and waiting, and so many a second over time.
/// </summary>
internal sealed class SessionLines(PassSchedulerOptions options, TimeProvider time)
{
    // What a session did not ask for in the last seconds it may ask for at once.
    private const int BurstSeconds = 5;
    private const int FewRates = 64;
    private readonly Dictionary<string, Turnstile> _lines = [];
    private readonly Dictionary<string, long> _paidUntil = [];
    private readonly Lock _lock = new();
    private int _sweepAt = FewRates;

    /// <summary>Sessions that are not forgotten although they may have nothing in line.</summary>
    public int Remembered => _paidUntil.Count;

    /// <summary>Joins the session's line; null when it is too long. Whoever gets one must <see cref="Exit"/>.</summary>
    public Turnstile? TryEnter(string session)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue(session, out var line))
            {
                line = new Turnstile();
                _lines.Add(session, line);
            }

            if (options.MaxPassesPerSession > 0 && line.Users >= options.MaxPassesPerSession)
            {
                return null;
            }

            line.Users++;
            return line;
        }
    }

    public void Exit(string session, Turnstile line)
    {
        lock (_lock)
        {
            if (--line.Users == 0)
            {
                _ = _lines.Remove(session);
            }
        }
    }

    /// <summary>Takes a pass out of what the session may ask for.</summary>
    /// <param name="session">Whose it is.</param>
    /// <param name="canWait">Whether it is worth waiting for; else it is taken now or not at all.</param>
    /// <returns>How long to wait first; null when it can't be had now and is not to wait.</returns>
    public TimeSpan? Take(string session, bool canWait)
    {
        if (options.PassesPerSecond <= 0)
        {
            return TimeSpan.Zero;
        }

        // Each pass is paid for with a stretch of time; what is paid ahead of now beyond the burst has to be waited for.
        var price = (long)(time.TimestampFrequency / options.PassesPerSecond);
        var credit = Math.Max(0, (BurstSeconds * time.TimestampFrequency) - price);
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var paid = Math.Max(now, _paidUntil.GetValueOrDefault(session));
            var wait = paid - credit - now;
            if (wait > 0 && !canWait)
            {
                return null;
            }

            _paidUntil[session] = paid + price;
            Sweep(now);
            return TimeSpan.FromSeconds(Math.Max(0, wait) / (double)time.TimestampFrequency);
        }
    }

    private void Sweep(long now)
    {
        if (_paidUntil.Count < _sweepAt)
        {
            return;
        }

        foreach (var (session, paid) in _paidUntil)
        {
            if (paid <= now)
            {
                _ = _paidUntil.Remove(session);
            }
        }

        _sweepAt = Math.Max(FewRates, _paidUntil.Count * 2);
    }
}
