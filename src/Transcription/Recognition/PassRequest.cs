using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>One pass over the audio of an utterance so far.</summary>
public sealed record PassRequest
{
    /// <summary>Mono samples at 16 kHz, -1 to 1. The caller leaves them unchanged until the pass has ended.</summary>
    public required ReadOnlyMemory<float> Audio { get; init; }

    /// <summary>What the pass before this one heard; checked in one call and reused where it still holds. Empty: decode from nothing.</summary>
    public ReadOnlyMemory<int> Draft { get; init; }

    /// <summary>Whether this is the utterance's last pass (it may spend more on certainty).</summary>
    public bool IsFinal { get; init; }

    /// <summary>ISO 639-1 code, or null to let the model decide.</summary>
    public string? Language { get; init; }

    /// <summary>Text that sets style and vocabulary, where the model takes one.</summary>
    public string? Prompt { get; init; }

    /// <summary>Translate to English instead of transcribing, where the model can.</summary>
    public bool Translate { get; init; }

    /// <summary>Where what passes have in common is kept from one to the next; null: each pass begins from nothing.</summary>
    public PassMemory? Memory { get; init; }

    /// <summary>Whether times for words are wanted.</summary>
    public bool WordTimes { get; init; }

    /// <summary>How the pass takes turns with others that compute on the same cores; the scheduler sets it. Null: it has a core to itself.</summary>
    public PassTurn? Turn { get; init; }
}
