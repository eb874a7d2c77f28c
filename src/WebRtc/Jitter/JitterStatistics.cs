namespace AsrHub.Rtc.WebRtc.Jitter;

/// <summary>Counts of packets since the buffer was made.</summary>
/// <param name="Released">Frames put out.</param>
/// <param name="Lost">Packets given up, as told by the frames behind them.</param>
/// <param name="Late">Packets that came after their turn.</param>
/// <param name="Duplicates">Packets that were already waiting.</param>
/// <param name="Empty">Packets without a payload.</param>
/// <param name="Discarded">Too large, from a replaced source, or with no slot free.</param>
/// <param name="Streams">Sources seen one after another, and restarts of their sequence.</param>
public readonly record struct JitterStatistics(long Released, long Lost, long Late, long Duplicates, long Empty, long Discarded, long Streams);
