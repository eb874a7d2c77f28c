using AsrHub.Rtc.Transcription.Models.Preparation;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>How a Moonshine model is loaded and decodes.</summary>
public sealed record MoonshineSettings
{
    /// <summary>Whether drafts are checked. Off: every pass decodes from nothing, which gives the same text for several times the work.</summary>
    public bool UseDrafts { get; init; } = true;

    /// <summary>Whether passes run in code of our own, over the weights of the shipped graphs; false: on those graphs, several times slower; null: in our own where the processor makes it fast.</summary>
    public bool? UseKernels { get; init; }

    /// <summary>
    /// Whether passes go on from what was encoded and decoded of the same speech before: partial ones behind <see cref="LookAhead"/>, while final ones encode all
    /// anew. Off: every pass hears all of the audio anew.
    /// </summary>
    public bool KeepsSpeech { get; init; } = true;

    /// <summary>A partial pass shows no token behind those of the pass before that is less likely than this: it would be taken back as often as not.</summary>
    public float LeastConfidence { get; init; } = 0.5f;

    /// <summary>How much of what follows a frame must be heard before a partial pass keeps the frame.</summary>
    public TimeSpan LookAhead { get; init; } = TimeSpan.FromSeconds(0.35);

    /// <summary>Whether the processor is one on which our own code is fast; for tests of one on which it is not.</summary>
    internal bool KernelsAreFast { get; init; } = ProcessorFeatures.KernelsAreFast;
}
