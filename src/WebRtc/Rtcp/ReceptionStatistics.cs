namespace AsrHub.Rtc.WebRtc.Rtcp;

/// <summary>
/// What a receiver knows of one source, kept as RFC 3550 A.1 (sequence), A.3 (loss) and A.8 (jitter) do it. There is no probation:
/// packets that get here are authenticated.
/// </summary>
/// <param name="ssrc">The source.</param>
/// <param name="clockRate">Units of its timestamp in a second.</param>
public sealed class ReceptionStatistics(uint ssrc, int clockRate)
{
    private const int Wrap = 0x1_0000;
    private const int MaxDropout = 3_000;
    private const int MaxMisorder = 100;
    private const int MaxCumulativeLost = 0x7F_FFFF;
    private const int DiscontinuitySeconds = 5;

    private bool _started;
    private ushort _highest;
    private ushort _base;
    private uint _cycles;
    private int _confirmation = -1;
    private uint _transit;
    private uint _scaledJitter;

    private long _expectedBefore;
    private long _receivedBefore;
    private uint _lastSenderReport;
    private long _lastSenderReportAt;

    /// <summary>The source.</summary>
    public uint Ssrc { get; } = ssrc;

    /// <summary>Packets received, repeated and late ones counted too.</summary>
    public long Received { get; private set; }

    /// <summary>Highest sequence number with its wraps above the low 16 bits.</summary>
    public uint HighestSequence => _cycles + _highest;

    /// <summary>Packets that should have come.</summary>
    public long Expected => _started ? (long)HighestSequence - _base + 1 : 0;

    /// <summary>Packets lost since the beginning. Repeated packets could make it negative; it is zero then.</summary>
    public int CumulativeLost => (int)Math.Clamp(Expected - Received, 0, MaxCumulativeLost);

    /// <summary>Interarrival jitter in units of the media clock (RFC 3550 A.8).</summary>
    public uint Jitter => _scaledJitter >> 4;

    /// <summary>Counts an RTP packet.</summary>
    /// <param name="sequence">Sequence number.</param>
    /// <param name="timestamp">RTP timestamp.</param>
    /// <param name="now">When it arrived.</param>
    public void OnPacket(ushort sequence, uint timestamp, long now)
    {
        var transit = ToClock(now) - timestamp;
        if (!_started)
        {
            Begin(sequence, transit);
        }
        else if (!Follow(sequence, transit))
        {
            return;
        }

        Received++;
        var difference = (uint)Math.Abs((long)(int)(transit - _transit));
        _transit = transit;

        // A clock that leapt is no jitter: one such packet would spoil the estimate for minutes.
        if (difference < DiscontinuitySeconds * clockRate)
        {
            _scaledJitter += difference - ((_scaledJitter + 8) >> 4);
        }
    }

    /// <summary>Remembers when the source last reported, so that it can measure the round trip.</summary>
    public void OnSenderReport(in RtcpSenderInfo info, long now)
    {
        _lastSenderReport = info.ShortNtpTimestamp;
        _lastSenderReportAt = now;
    }

    /// <summary>Makes the next report block; the loss fraction covers the time since the last one.</summary>
    public RtcpReportBlock Report(long now)
    {
        var expected = Expected - _expectedBefore;
        var lost = expected - (Received - _receivedBefore);
        _expectedBefore = Expected;
        _receivedBefore = Received;
        var fraction = expected <= 0 || lost <= 0 ? 0 : Math.Min(255, (lost << 8) / expected);
        var delay = _lastSenderReport == 0 ? 0 : (uint)((UInt128)(ulong)(now - _lastSenderReportAt) * 65_536 / Micros.Second);
        return new RtcpReportBlock(Ssrc, (byte)fraction, CumulativeLost, HighestSequence, Jitter, _lastSenderReport, delay);
    }

    private void Begin(ushort sequence, uint transit)
    {
        _started = true;
        _base = sequence;
        _highest = sequence;
        _cycles = 0;
        _confirmation = -1;
        _transit = transit;
        Received = 0;
        _expectedBefore = 0;
        _receivedBefore = 0;
    }

    private bool Follow(ushort sequence, uint transit)
    {
        var ahead = (ushort)(sequence - _highest);
        if (ahead < MaxDropout)
        {
            if (sequence < _highest)
            {
                _cycles += Wrap;
            }

            _highest = sequence;
        }
        else if (ahead <= Wrap - MaxMisorder)
        {
            if (sequence != _confirmation)
            {
                _confirmation = (ushort)(sequence + 1);
                return false;
            }

            Begin(sequence, transit);
        }

        return true;
    }

    /// <summary>Arrival time on the media clock, modulo 2^32 as timestamps are.</summary>
    private uint ToClock(long now) => (uint)(now / Micros.Second * clockRate + now % Micros.Second * clockRate / Micros.Second);
}
