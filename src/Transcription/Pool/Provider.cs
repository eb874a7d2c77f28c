using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>A recognizer in a pool, and what is known of it. Guarded by the broker's lock.</summary>
internal sealed class Provider(int id, IRecognizer recognizer)
{
    public int Id { get; } = id;

    public IRecognizer Recognizer { get; } = recognizer;

    public int FailuresInARow { get; set; }

    public long IdleSince { get; set; }

    public long CheckedAt { get; set; }

    /// <summary>Whether it was given up while a call into it had not returned.</summary>
    public bool IsQuarantined { get; set; }
}
