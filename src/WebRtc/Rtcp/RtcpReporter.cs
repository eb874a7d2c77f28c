using AsrHub.Rtc.WebRtc.Rtp;

namespace AsrHub.Rtc.WebRtc.Rtcp;

/// <summary>
/// The receiver's half of RTCP for one stream: counts what comes in, and about once a second has a report to send. It begins with the first RTP packet.
/// </summary>
public sealed class RtcpReporter
{
    /// <summary>Time between reports. Each peer starts at its own moment, so many peers do not report together (RFC 3550 s6.2).</summary>
    public const long Interval = Micros.Second;

    private readonly uint _localSsrc;
    private readonly byte[] _cname;
    private readonly int _clockRate;
    private long _reportedCount;

    /// <summary>Makes a reporter.</summary>
    /// <param name="localSsrc">This side's own source, random.</param>
    /// <param name="cname">Canonical name, 1 to 255 octets, random for each session (RFC 7022).</param>
    /// <param name="clockRate">Units of the media clock in a second.</param>
    public RtcpReporter(uint localSsrc, ReadOnlySpan<byte> cname, int clockRate = 48_000)
    {
        ArgumentOutOfRangeException.ThrowIfZero(cname.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cname.Length, byte.MaxValue);
        _localSsrc = localSsrc;
        _cname = cname.ToArray();
        _clockRate = clockRate;
    }

    /// <summary>When <see cref="WriteReport"/> wants to be called, or <see cref="Micros.Never"/>.</summary>
    public long NextTimeout { get; private set; } = Micros.Never;

    /// <summary>What is known of the source that sends now; none before the first packet.</summary>
    public ReceptionStatistics? Current { get; private set; }

    /// <summary>Compounds that ended before their end.</summary>
    public long MalformedCount { get; private set; }

    /// <summary>Sources that said goodbye.</summary>
    public long ByeCount { get; private set; }

    /// <summary>Counts an authenticated RTP packet, one of padding alone as well.</summary>
    public void OnRtp(in RtpPacketView packet, long now)
    {
        if (Current is null || Current.Ssrc != packet.Ssrc)
        {
            Current = new ReceptionStatistics(packet.Ssrc, _clockRate);
            _reportedCount = 0;
        }

        if (NextTimeout == Micros.Never)
        {
            NextTimeout = now + Interval;
        }

        Current.OnPacket(packet.SequenceNumber, packet.Timestamp, now);
    }

    /// <summary>Reads an authenticated RTCP compound.</summary>
    public void OnRtcp(ReadOnlySpan<byte> compound, long now)
    {
        var reader = new RtcpCompoundReader(compound);
        while (reader.TryRead(out var packet))
        {
            if (packet.TryReadSenderInfo(out var info) && info.Ssrc == Current?.Ssrc)
            {
                Current.OnSenderReport(info, now);
            }

            if (packet.Type == RtcpPacketType.Bye)
            {
                ByeCount += packet.Count;
            }
        }

        if (reader.IsMalformed)
        {
            MalformedCount++;
        }
    }

    /// <summary>Writes the report that is due. After a second of silence there is none, and no timer, until the source sends again (RFC 3550 s6.4).</summary>
    /// <param name="destination">At least <see cref="RtcpReceiverReport.MaxLength"/> bytes, and room for SRTP behind them.</param>
    /// <param name="now">The time.</param>
    /// <returns>Its length; 0 if none is due.</returns>
    public int WriteReport(Span<byte> destination, long now)
    {
        if (now < NextTimeout)
        {
            return 0;
        }

        if (Current is null || Current.Received == _reportedCount)
        {
            NextTimeout = Micros.Never;
            return 0;
        }

        NextTimeout = now + Interval;
        _reportedCount = Current.Received;
        return RtcpReceiverReport.Write(destination, _localSsrc, Current.Report(now), _cname);
    }
}
