namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>How long silence is waited for, by what a judge thinks of the turn.</summary>
public static class TurnPatience
{
    /// <summary>Silence that ends a turn which sounds complete, where the session itself would wait longer.</summary>
    public const int CompleteSamples = 16 * 200;

    /// <summary>Probability from which a turn counts as complete. High: a sentence that is cut costs more than 200 ms of waiting, and a comma read aloud can sound like an end.</summary>
    public const float Complete = 0.95f;

    /// <summary>Probability below which it counts as incomplete; between the two, the session's own endpoint holds.</summary>
    public const float Incomplete = 0.5f;

    /// <summary>Chooses the endpoint.</summary>
    /// <param name="complete">Probability that the turn is complete.</param>
    /// <param name="own">The session's own endpoint, in samples.</param>
    /// <param name="eagerness">How eager the session is to end what sounds incomplete.</param>
    /// <returns>The endpoint for this pause, in samples.</returns>
    public static int Endpoint(float complete, int own, TurnEagerness eagerness)
    {
        if (complete >= Complete)
        {
            return Math.Min(own, CompleteSamples);
        }

        // What is no number is no answer.
        if (!(complete < Incomplete))
        {
            return own;
        }

        var patience = eagerness switch
        {
            TurnEagerness.Low => 16 * 2000,
            TurnEagerness.High => 16 * 600,
            _ => 16 * 1000,
        };
        return Math.Max(own, patience);
    }
}

/// <summary>How eager a session is to end a turn that sounds incomplete.</summary>
public enum TurnEagerness
{
    /// <summary>After a second of silence.</summary>
    Auto,

    /// <summary>After two seconds.</summary>
    Low,

    /// <summary>After a second.</summary>
    Medium,

    /// <summary>After 600 ms.</summary>
    High,
}
