namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>The retransmission timeout: measured round trips, smoothed (RFC 9260 s6.3.1), and the doubling after each expiry (s6.3.3).</summary>
internal struct RetransmissionTimeout(long initial, long min, long max)
{
    private const int MaxBackoff = 16;

    private long _smoothed;
    private long _variation;
    private int _backoff;

    /// <summary>The timeout before any doubling, for timers that count their own expiries.</summary>
    public long Base { get; private set; } = initial;

    /// <summary>The timeout to use now.</summary>
    public readonly long Current => Math.Min(max, Base << _backoff);

    /// <summary>The smoothed round trip; 0 before the first measurement.</summary>
    public readonly long Smoothed => _smoothed;

    /// <summary>Takes in a round trip of a chunk that was sent once only (Karn: RFC 9260 s6.3.1, C5).</summary>
    public void Measure(long roundTrip)
    {
        roundTrip = Math.Max(roundTrip, 1);
        if (_smoothed == 0)
        {
            _smoothed = roundTrip;
            _variation = roundTrip / 2;
        }
        else
        {
            _variation = ((3 * _variation) + Math.Abs(_smoothed - roundTrip)) / 4;
            _smoothed = ((7 * _smoothed) + roundTrip) / 8;
        }

        Base = Math.Clamp(_smoothed + (4 * Math.Max(_variation, 1)), min, max);
    }

    /// <summary>The timer expired: wait twice as long next time.</summary>
    public void Expire() => _backoff = Math.Min(_backoff + 1, MaxBackoff);

    /// <summary>The other side acknowledged something new.</summary>
    public void Progress() => _backoff = 0;
}
