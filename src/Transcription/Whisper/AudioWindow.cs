namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// How much silence stands behind the speech. Whisper was trained on 30 s; with 4 s of silence it does as well. With less it often does not find
/// the end and starts anew, which a partial pass takes back (<see cref="Echo"/>): its words are as good, and it costs a third less.
/// </summary>
internal static class AudioWindow
{
    /// <summary>Frames of the whole window, 30 s.</summary>
    public const int Full = 3000;

    private const int FinalSilence = 400;
    private const int PartialSilence = 150;

    /// <summary>Frames from one size to the next: few enough sizes that buffers fit again.</summary>
    private const int Step = 50;

    /// <summary>Frames to encode.</summary>
    /// <param name="samples">Samples of audio at 16 kHz.</param>
    /// <param name="isFinal">Whether it is an utterance's last pass.</param>
    public static int For(int samples, bool isFinal)
    {
        int needed = ((samples + LogMel.Hop - 1) / LogMel.Hop) + (isFinal ? FinalSilence : PartialSilence);
        return Math.Min(Full, (needed + Step - 1) / Step * Step);
    }
}
