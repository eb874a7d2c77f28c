using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>A pass that a session asked for.</summary>
internal sealed class PassJob(Utterance utterance, bool isFinal) : IDisposable
{
    public Utterance Utterance { get; } = utterance;

    public bool IsFinal { get; } = isFinal;

    public CancellationTokenSource Cancellation { get; } = new();

    public required SharedAudio Audio { get; init; }

    /// <summary>Sample after the last one it hears.</summary>
    public required long Until { get; init; }

    /// <summary>How much it hears, in samples.</summary>
    public required int Samples { get; init; }

    /// <summary>The last voiced sample known when it was asked for.</summary>
    public required long Voice { get; init; }

    public required long AskedAt { get; init; }

    /// <summary>Samples at the utterance's beginning that it does not hear.</summary>
    public int Skipped { get; init; }

    /// <summary>What its audio begins with that is not the utterance's.</summary>
    public PrecedingSpeech? Context { get; init; }

    /// <summary>Whether it was taken back.</summary>
    public bool IsCancelled { get; set; }

    public PassResult? Result { get; set; }

    public Exception? Failure { get; set; }

    public void Dispose() => Cancellation.Dispose();
}
