namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// How much silence stands behind the speech. Whisper was trained on 30 s; with 4 s of silence it does as well, with less than 2 s it
/// repeats itself. A few sizes only, so that buffers fit again and what is heard changes little from pass to pass.
/// </summary>
internal static class AudioWindow
{
    /// <summary>Frames of the whole window, 30 s.</summary>
    public const int Full = 3000;

    private const int Silence = 400;

    private static readonly int[] Sizes = [500, 600, 700, 800, 1000, 1200, 1400, 1700, 2000, 2500, Full];

    /// <summary>Frames to encode.</summary>
    /// <param name="samples">Samples of audio at 16 kHz.</param>
    public static int For(int samples)
    {
        int needed = ((samples + LogMel.Hop - 1) / LogMel.Hop) + Silence;
        foreach (int size in Sizes)
        {
            if (size >= needed)
            {
                return size;
            }
        }

        return Full;
    }
}
