namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// What a pass encodes: speech, and how much silence stands behind it. Whisper was trained on 30 s. With 3 s of silence it does nearly as well; with less it often does not find the end and starts
/// anew, which a partial pass takes back (<see cref="Echo"/>) and a final has to hear again in 30 s: a partial's words are as good with a second. An encoder of our own hears all 30 s at less than
/// the work of those 3 s: behind a second of silence it takes one position in many, and each counts as often as those that it stands for.
/// </summary>
/// <param name="Frames">Frames of 10 ms that are encoded all; even. What lies beyond the audio is silence.</param>
/// <param name="Spread">Positions of silence that are spread over what is left of 30 s.</param>
internal readonly record struct AudioWindow(int Frames, int Spread = 0)
{
    /// <summary>Frames of the whole window, 30 s.</summary>
    public const int Full = 3000;

    /// <summary>Frames of a position.</summary>
    public const int FramesPerPosition = 2;

    private const int FinalSilence = 300;
    private const int PartialSilence = 100;

    // From one size to the next: for a graph few enough sizes that buffers fit again, for passes that go on no more than are needed.
    private const int FinalStep = 50;
    private const int PartialStep = 10;

    private const int SilenceBeforeSpread = 100;
    private const int LeastCount = 32;

    /// <summary>The whole window.</summary>
    public static AudioWindow Whole => new(Full);

    /// <summary>Positions that are encoded all.</summary>
    public int Dense => Frames / FramesPerPosition;

    /// <summary>Positions that are encoded.</summary>
    public int Positions => Dense + Spread;

    /// <summary>How many positions each of those that are spread stands for.</summary>
    public float Count => Spread > 0 ? (float)((Full / FramesPerPosition) - Dense) / Spread : 1;

    /// <summary>Without positions that are spread.</summary>
    /// <param name="samples">Samples of audio at 16 kHz.</param>
    /// <param name="isFinal">Whether it is an utterance's last pass.</param>
    public static AudioWindow For(int samples, bool isFinal)
    {
        int needed = AudioFrames(samples) + (isFinal ? FinalSilence : PartialSilence);
        int step = isFinal ? FinalStep : PartialStep;
        return new AudioWindow(Math.Min(Full, (needed + step - 1) / step * step));
    }

    /// <summary>For an encoder of our own: finals with positions that are spread. Partials, whose end is heard again, do not gain by it (docs/architecture.md).</summary>
    /// <inheritdoc cref="For"/>
    public static AudioWindow Spreading(int samples, bool isFinal)
    {
        if (!isFinal)
        {
            return For(samples, isFinal);
        }

        int frames = Math.Min(Full, (AudioFrames(samples) + 1) / FramesPerPosition * FramesPerPosition + SilenceBeforeSpread);
        return new AudioWindow(frames, (Full - frames) / FramesPerPosition / LeastCount);
    }

    /// <summary>Where in the 30 s a position stands that is spread: in the middle of those that it stands for.</summary>
    /// <param name="index">Which of them.</param>
    public int PositionOf(int index)
    {
        return Dense + (int)((index + 0.5f) * Count);
    }

    private static int AudioFrames(int samples)
    {
        return (samples + LogMel.Hop - 1) / LogMel.Hop;
    }
}
