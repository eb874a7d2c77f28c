using AsrHub.Rtc.Transcription.Models.Preparation;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>How a Whisper model is loaded and decodes.</summary>
public sealed record WhisperSettings
{
    /// <summary>Name that sessions use; null for the folder's.</summary>
    public string? Name { get; init; }

    /// <summary>Which of a folder's files are used, as their names end, e.g. <c>_int8</c>, or an empty string for the plain ones; null for the best that load.</summary>
    public string? Variant { get; init; }

    /// <summary>Whether an export with 8-bit weights runs in code of our own; false: on its graphs; null: in our own where the processor makes it fast.</summary>
    public bool? UseKernels { get; init; }

    /// <summary>Whether drafts are checked. Off: every pass decodes from nothing.</summary>
    public bool UseDrafts { get; init; } = true;

    /// <summary>Whether windows are as short as the audio allows. Off: always 30 s, as Whisper was trained, at several times the work.</summary>
    public bool UseShortWindows { get; init; } = true;

    /// <summary>
    /// Whether passes go on from what was encoded before, partial ones of speech that lies further than <see cref="LookAhead"/> behind, final ones 3 s behind what a final one encoded and 8 s behind
    /// what partial ones did, in code of our own. Off: every pass encodes all of its audio.
    /// </summary>
    public bool KeepsSpeech { get; init; } = true;

    /// <summary>How much must have been heard behind a position for a later partial to go on from it. Whisper looks ahead without limit, but what lies further has little effect.</summary>
    public TimeSpan LookAhead { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Whether what the probe found is kept beside the model and believed while the files are the same.</summary>
    public bool KeepProbe { get; init; } = true;

    /// <summary>What the graphs are taken to be able to do, whatever they can; for tests of exports that lack something.</summary>
    internal WhisperProbe? AssumedProbe { get; init; }

    /// <summary>Whether the processor is one on which our own code is fast; for tests of one on which it is not.</summary>
    internal bool KernelsAreFast { get; init; } = ProcessorFeatures.KernelsAreFast;

    /// <summary>Whether the processor multiplies signed weights exactly; for tests of one that does not.</summary>
    internal bool SignedWeightsAreExact { get; init; } = ProcessorFeatures.SignedWeightsAreExact;

    /// <summary>What to encode by samples of audio and whether the pass is final; for tests of windows that are too short.</summary>
    internal Func<int, bool, AudioWindow>? Window { get; init; }
}
