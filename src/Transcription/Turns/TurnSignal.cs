namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>What a window of sound did to the turn.</summary>
public enum TurnSignal
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A turn began.</summary>
    Started,

    /// <summary>Silence is long enough for the final pass to start, should it be the end.</summary>
    Paused,

    /// <summary>Speech went on after <see cref="Paused"/>.</summary>
    Resumed,

    /// <summary>Speech went on after a pause, and so much was said before it that a new part of the turn began at <see cref="TurnDetector.EndSample"/>.</summary>
    Parted,

    /// <summary>The turn ended in silence.</summary>
    Ended,

    /// <summary>The turn grew too long: it ended at <see cref="TurnDetector.EndSample"/> and the next began there.</summary>
    Cut,
}
