namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// Which of the frames that passes encoded of speech that goes on further passes keep. Partial ones keep a frame as soon as little of what follows it has been heard; a final one, which no pass
/// corrects, keeps what an earlier final one encoded with enough behind it, and of the others at most those far back.
/// </summary>
/// <param name="frameSamples">Samples from one frame to the next, at 16 kHz.</param>
/// <param name="firmSeconds">How much behind a frame a final pass must have heard for the final ones after it to keep the frame.</param>
/// <param name="farSeconds">How much behind a frame must have been heard before a final pass keeps what partial ones made of it.</param>
internal sealed class HeardFrames(int frameSamples, int firmSeconds, int farSeconds)
{
    private const int SampleRate = 16_000;

    /// <summary>Frames, from the first on, that a final pass encoded with enough behind them.</summary>
    private int _firm;

    /// <summary>Frames that a pass keeps; none where that is below 1.</summary>
    /// <param name="known">Frames of the audio that is the same as before.</param>
    /// <param name="lookAhead">Frames behind a frame that must be the same for a partial pass to keep it.</param>
    /// <param name="isFinal">Whether the pass is a final one.</param>
    public int Kept(int known, int lookAhead, bool isFinal)
    {
        return isFinal ? Math.Max(Math.Min(known, _firm), known - (farSeconds * SampleRate / frameSamples)) : known - lookAhead;
    }

    /// <summary>Takes in what a pass encodes.</summary>
    /// <param name="frames">Frames of its audio.</param>
    /// <param name="kept">Those that it has kept.</param>
    /// <param name="isFinal">Whether it is a final one.</param>
    public void Take(int frames, int kept, bool isFinal)
    {
        _firm = isFinal ? frames - (firmSeconds * SampleRate / frameSamples) : Math.Min(_firm, kept);
    }
}
