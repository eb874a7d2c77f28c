using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>Turns times of tokens into times of words.</summary>
internal static class WordTimes
{
    private const int FrameMs = 20;

    /// <summary>Words of a transcript whose tokens begin at known frames.</summary>
    /// <param name="tokens">Text tokens.</param>
    /// <param name="confidences">Their probabilities.</param>
    /// <param name="starts">The frame at which each begins, and behind them the frame at which the last ends.</param>
    /// <param name="table">Their bytes.</param>
    /// <param name="audio">What was heard.</param>
    public static List<WordTime> FromFrames(
        ReadOnlySpan<int> tokens, ReadOnlySpan<float> confidences, ReadOnlySpan<int> starts, TokenTable table, ReadOnlySpan<float> audio)
    {
        var times = new int[starts.Length];
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = starts[i] * FrameMs;
        }

        return FromTimes(tokens, confidences, times, table, audio);
    }

    /// <summary>Words of a transcript whose tokens begin at known times.</summary>
    /// <param name="tokens">Text tokens.</param>
    /// <param name="confidences">Their probabilities.</param>
    /// <param name="starts">The millisecond at which each begins, and behind them the one at which the last ends.</param>
    /// <param name="table">Their bytes.</param>
    /// <param name="audio">What was heard.</param>
    public static List<WordTime> FromTimes(
        ReadOnlySpan<int> tokens, ReadOnlySpan<float> confidences, ReadOnlySpan<int> starts, TokenTable table, ReadOnlySpan<float> audio)
    {
        var voiced = new VoicedFrames(audio);
        List<WordSpan> spans = WordSplitter.Split(tokens, table);
        var words = new List<WordTime>(spans.Count);
        int durationMs = audio.Length / (VoicedFrames.Samples / FrameMs);
        foreach (WordSpan span in spans)
        {
            string text = table.Decode(tokens[span.First..span.End]).Trim();
            if (text.Length == 0)
            {
                continue;
            }

            (int start, int end) = Trim(voiced, starts[span.First], starts[span.End]);
            words.Add(new WordTime(text, Math.Min(start, durationMs), Math.Min(end, durationMs), Mean(confidences[span.First..span.End])));
        }

        return words;
    }

    /// <summary>The frame at which each text token begins, from a transcript with time tokens: each phrase's time is shared out by length.</summary>
    /// <param name="tokens">Text and time tokens.</param>
    /// <param name="firstTime">The token of 0.00 s.</param>
    /// <param name="table">Bytes of the text tokens.</param>
    /// <param name="frames">Frames of the audio.</param>
    /// <returns>Frames as <see cref="FromFrames"/> takes them.</returns>
    public static int[] Interpolate(ReadOnlySpan<int> tokens, int firstTime, TokenTable table, int frames)
    {
        var starts = new List<int>();
        int begin = 0;
        int from = 0;
        for (int i = 0; i <= tokens.Length; i++)
        {
            bool isTime = i < tokens.Length && tokens[i] >= firstTime;
            if (i < tokens.Length && !isTime)
            {
                continue;
            }

            int time = isTime ? Math.Min(tokens[i] - firstTime, frames) : frames;
            ShareOut(tokens[from..i], begin, Math.Max(time, begin), table, starts);
            begin = Math.Max(time, begin);
            from = i + 1;
        }

        bool endsInTime = tokens.Length > 0 && tokens[^1] >= firstTime;
        starts.Add(endsInTime ? Math.Clamp(tokens[^1] - firstTime, starts.Count > 0 ? starts[^1] : 0, frames) : frames);
        return [.. starts];
    }

    /// <summary>Takes pauses off the edges of a word; an edge that stays keeps its millisecond.</summary>
    private static (int Start, int End) Trim(VoicedFrames voiced, int start, int end)
    {
        int first = Frame(start);
        int last = Frame(end);
        (int voicedFirst, int voicedLast) = voiced.Trim(first, last);
        return (voicedFirst == first ? start : voicedFirst * FrameMs, voicedLast == last ? end : voicedLast * FrameMs);

        static int Frame(int time) => (time + (FrameMs / 2)) / FrameMs;
    }

    private static void ShareOut(ReadOnlySpan<int> phrase, int begin, int end, TokenTable table, List<int> starts)
    {
        int total = 0;
        foreach (int token in phrase)
        {
            total += table.Piece(token).Length;
        }

        int before = 0;
        foreach (int token in phrase)
        {
            starts.Add(begin + (int)((long)(end - begin) * before / Math.Max(total, 1)));
            before += table.Piece(token).Length;
        }
    }

    private static float Mean(ReadOnlySpan<float> values)
    {
        float sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        return values.IsEmpty ? 0 : sum / values.Length;
    }
}
