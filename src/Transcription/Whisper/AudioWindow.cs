namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// How much silence stands behind the speech. Whisper was trained on 30 s; with 3 s of silence it does as well. With less it often does not find
/// the end and starts anew, which a partial pass takes back (<see cref="Echo"/>) and a final has to hear again in 30 s: a partial's words are as good with a second.
/// </summary>
internal static class AudioWindow
{
    /// <summary>Frames of the whole window, 30 s.</summary>
    public const int Full = 3000;

    private const int FinalSilence = 300;
    private const int PartialSilence = 100;

    // From one size to the next: for a graph few enough sizes that buffers fit again, for passes that go on no more than are needed.
    private const int FinalStep = 50;
    private const int PartialStep = 10;

    /// <summary>Frames to encode.</summary>
    /// <param name="samples">Samples of audio at 16 kHz.</param>
    /// <param name="isFinal">Whether it is an utterance's last pass.</param>
    public static int For(int samples, bool isFinal)
    {
        int needed = ((samples + LogMel.Hop - 1) / LogMel.Hop) + (isFinal ? FinalSilence : PartialSilence);
        int step = isFinal ? FinalStep : PartialStep;
        return Math.Min(Full, (needed + step - 1) / step * step);
    }
}
