namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>How much a pass matters; the higher goes first.</summary>
public enum PassRank
{
    /// <summary>A window of a file: nobody waits for it by the second. It rises with age, so that it is never starved.</summary>
    Batch,

    /// <summary>Shown while a person speaks; worthless when late.</summary>
    Partial,

    /// <summary>The text of a turn.</summary>
    Final,
}
