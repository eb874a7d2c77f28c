namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>Hears of turns as the time line finds them, on the thread that feeds it.</summary>
public interface ITurnListener
{
    /// <summary>Called after each window that changed something; the time line's properties tell the rest.</summary>
    /// <param name="signal">What happened.</param>
    void OnTurn(TurnSignal signal);
}
