namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>Figures of a running session (<c>x-stats</c>).</summary>
/// <param name="PacketsReceived">Frames taken in.</param>
/// <param name="PacketsLost">Frames that never came.</param>
/// <param name="JitterMs">Interarrival jitter (RFC 3550 A.8), milliseconds.</param>
/// <param name="QueueMs">Audio waiting to be processed, milliseconds.</param>
/// <param name="PassMs">Duration of the last recognizer pass, milliseconds.</param>
/// <param name="PartialsSkipped">Partial passes left out because the recognizers were busy.</param>
public sealed record SessionStats(long PacketsReceived, long PacketsLost, double JitterMs, double QueueMs, double PassMs, long PartialsSkipped);
