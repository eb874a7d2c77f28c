using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>What a session says of itself: its figures every five seconds of audio, where they are wanted, and that packets were lost in its queue.</summary>
internal sealed class SessionReport(SessionContext context)
{
    private const int StatsEverySamples = 16_000 * 5;
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(10);
    private long _statsAt = StatsEverySamples;
    private double _jitter;
    private long _lastTransit;
    private bool _hasTransit;
    private long _refusedSaid;
    private long _refusedSayAt = long.MinValue;

    /// <summary>Audio that waits, milliseconds.</summary>
    public double QueueMs { get; set; }

    /// <summary>Packets that the queue had no room for.</summary>
    public long Refused { get; set; }

    /// <summary>Measures the jitter of a packet (RFC 3550 A.8), in timestamp units.</summary>
    public void Arrived(uint timestamp, long arrivedAt)
    {
        var transit = (long)(arrivedAt * 48_000.0 / context.Time.TimestampFrequency) - timestamp;
        if (_hasTransit)
        {
            var difference = Math.Abs(transit - _lastTransit);

            // A jump of more than ten seconds is a new time line and not jitter.
            _jitter += difference < 480_000 ? (difference - _jitter) / 16 : 0;
        }

        _hasTransit = true;
        _lastTransit = transit;
    }

    /// <summary>Says what is due.</summary>
    public void Say(SessionIncludes include, long position, OpusCounters counters, PassPlanner planner, long now)
    {
        if (include.HasFlag(SessionIncludes.Stats) && position >= _statsAt)
        {
            _statsAt = position + StatsEverySamples;
            _ = context.Log.Append(new TranscriptEvent.Statistics(new SessionStats(
                counters.Decoded + counters.Malformed, counters.Lost + Refused, _jitter / 48.0, QueueMs, planner.LastPassMs, planner.PartialsSkipped)));
        }

        if (Refused != _refusedSaid && now >= _refusedSayAt)
        {
            _ = context.Log.Append(new TranscriptEvent.ErrorRaised(new ErrorDetail(
                ErrorTypes.Server,
                ErrorCodes.AudioQueueFull,
                $"{Refused - _refusedSaid} packets were lost because the server is {context.Options.PacketBacklog.TotalSeconds:0} s behind; some words are missing.")));
            _refusedSaid = Refused;
            _refusedSayAt = context.Time.After(now, RefusedPause);
        }
    }
}
