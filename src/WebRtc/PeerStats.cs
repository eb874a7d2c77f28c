using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Jitter;
using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc;

/// <summary>What a peer has counted so far.</summary>
/// <param name="PacketsReceived">Datagrams of every kind, good or bad.</param>
/// <param name="BytesReceived">Their bytes.</param>
/// <param name="Audio">Audio packets released, lost, late and so on.</param>
/// <param name="JitterMilliseconds">Interarrival jitter of the audio (RFC 3550 s6.4.1).</param>
/// <param name="RoundTrip">Smoothed round-trip time in <see cref="Micros"/>, as the data channels measured it; null while unknown.</param>
/// <param name="Drops">What was dropped and why.</param>
/// <param name="Ice">What became of STUN messages.</param>
/// <param name="Sctp">What the data channels' association has done and dropped; null before there is one.</param>
public readonly record struct PeerStats(
    long PacketsReceived, long BytesReceived, JitterStatistics Audio, double JitterMilliseconds, long? RoundTrip, PeerCounters Drops, IceCounters Ice, SctpCounters? Sctp);
