using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>Chooses the likeliest token that may be said, from scores that are read in place: suppressed tokens are stepped over, not overwritten.</summary>
internal sealed class TokenChooser
{
    private readonly WhisperVocabulary _vocabulary;
    private readonly int _lastInitialTime;
    private readonly Range[] _text;
    private readonly Range[] _first;

    /// <summary>Makes one.</summary>
    /// <param name="vocabulary">What may be said.</param>
    /// <param name="lastInitialTime">The latest time, in steps, at which a timed transcript may begin.</param>
    public TokenChooser(WhisperVocabulary vocabulary, int lastInitialTime)
    {
        _vocabulary = vocabulary;
        _lastInitialTime = lastInitialTime;
        _text = Allowed(vocabulary.Suppressed, vocabulary.End);
        _first = Allowed(vocabulary.SuppressedAtBegin, vocabulary.End);
    }

    /// <summary>Chooses a text token, or the end.</summary>
    /// <param name="scores">Scores of all tokens.</param>
    /// <param name="isFirst">Whether it is a transcript's first.</param>
    /// <param name="confidence">Its probability among those that may be said.</param>
    public int Choose(ReadOnlySpan<float> scores, bool isFirst, out float confidence)
    {
        Range[] allowed = isFirst ? _first : _text;
        (int token, float score) = Highest(scores, allowed);
        float sum = 0;
        foreach (Range range in allowed)
        {
            sum += Logits.SumExp(scores[range], score);
        }

        confidence = 1 / sum;
        return token;
    }

    /// <summary>
    /// Chooses a text or time token, or the end, by Whisper's rules: a transcript begins with a time, times come in pairs (the end of a phrase
    /// and the beginning of the next), none is earlier than the one before, and a time is chosen when all times together are likelier than any text.
    /// </summary>
    /// <param name="scores">Scores of all tokens.</param>
    /// <param name="said">What the transcript holds so far.</param>
    /// <param name="confidence">Its probability among those that may be said.</param>
    public int ChooseTimed(ReadOnlySpan<float> scores, ReadOnlySpan<int> said, out float confidence)
    {
        int lastTime = LastTime(said);
        int from = Math.Max(_vocabulary.FirstTime, lastTime);
        int to = said.IsEmpty ? Math.Min(scores.Length, _vocabulary.FirstTime + _lastInitialTime + 1) : scores.Length;
        bool wasTime = said.Length > 0 && said[^1] >= _vocabulary.FirstTime;
        bool wasPair = wasTime && (said.Length < 2 || said[^2] >= _vocabulary.FirstTime);
        ReadOnlySpan<float> times = wasPair ? [] : scores[from..to];
        if (times.IsEmpty)
        {
            return Choose(scores, isFirst: false, out confidence);
        }

        int time = from + Logits.IndexOfMax(times);
        float reference = scores[time];
        float timesSum = Logits.SumExp(times, reference);
        if (said.IsEmpty)
        {
            confidence = 1 / timesSum;
            return time;
        }

        if (wasTime)
        {
            // The end of a phrase has been said: its twin or the end of the transcript follows.
            float end = MathF.Exp(scores[_vocabulary.End] - reference);
            bool isEnd = end > 1;
            confidence = (isEnd ? end : 1) / (timesSum + end);
            return isEnd ? _vocabulary.End : time;
        }

        (int text, float score) = Highest(scores, _text);
        float textSum = 0;
        foreach (Range range in _text)
        {
            textSum += Logits.SumExp(scores[range], reference);
        }

        bool isTime = timesSum > MathF.Exp(score - reference);
        confidence = (isTime ? 1 : MathF.Exp(score - reference)) / (timesSum + textSum);
        return isTime ? time : text;
    }

    /// <summary>The likeliest language.</summary>
    /// <param name="scores">Scores after the start token.</param>
    /// <returns>Its token, and its probability among the languages.</returns>
    public (int Token, float Probability) ChooseLanguage(ReadOnlySpan<float> scores)
    {
        int best = -1;
        foreach (int token in _vocabulary.LanguageOf.Keys)
        {
            best = best < 0 || scores[token] > scores[best] ? token : best;
        }

        float sum = 0;
        foreach (int token in _vocabulary.LanguageOf.Keys)
        {
            sum += MathF.Exp(scores[token] - scores[best]);
        }

        return (best, 1 / sum);
    }

    /// <summary>How likely it is that nothing was said.</summary>
    /// <param name="scores">Scores after the start token.</param>
    public float NoSpeech(ReadOnlySpan<float> scores)
    {
        if (_vocabulary.NoSpeech < 0)
        {
            return 0;
        }

        float max = Logits.Max(scores);
        return MathF.Exp(scores[_vocabulary.NoSpeech] - max) / Logits.SumExp(scores, max);
    }

    private static (int Token, float Score) Highest(ReadOnlySpan<float> scores, Range[] allowed)
    {
        int best = -1;
        float highest = float.NegativeInfinity;
        foreach (Range range in allowed)
        {
            float max = Logits.Max(scores[range]);
            if (max > highest)
            {
                highest = max;
                best = range.Start.Value + scores[range].IndexOf(max);
            }
        }

        return best >= 0 ? (best, highest) : throw new RecognizerException("The model's scores are no numbers.");
    }

    private static Range[] Allowed(int[] suppressed, int end)
    {
        var allowed = new List<Range>();
        int from = 0;
        foreach (int token in suppressed)
        {
            if (token > from)
            {
                allowed.Add(from..token);
            }

            from = token + 1;
        }

        if (from <= end)
        {
            allowed.Add(from..(end + 1));
        }

        return [.. allowed];
    }

    private int LastTime(ReadOnlySpan<int> said)
    {
        for (int i = said.Length - 1; i >= 0; i--)
        {
            if (said[i] >= _vocabulary.FirstTime)
            {
                // A phrase takes time: only the twin of a phrase's end repeats it.
                bool isRepeatable = i == said.Length - 1 && i > 0 && said[i - 1] < _vocabulary.FirstTime;
                return isRepeatable ? said[i] : said[i] + 1;
            }
        }

        return -1;
    }
}
