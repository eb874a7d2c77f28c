using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>Finds out what an export can do.</summary>
internal static class WhisperProber
{
    private const int ShortFrames = 400;

    /// <summary>
    /// How alike scores are, as a correlation, when tokens are fed together. 8-bit activations are scaled by call, which costs some thousandths;
    /// one token of the past exchanged costs some hundredths.
    /// </summary>
    private const double Alike = 0.985;

    /// <summary>Any text will do; these are frequent words.</summary>
    private static readonly int[] Words = [400, 370, 452, 286, 291, 360, 264, 295];

    /// <summary>Tries the graphs.</summary>
    /// <param name="files">What was loaded.</param>
    /// <param name="config">Its measures.</param>
    /// <param name="vocabulary">Its special tokens.</param>
    /// <param name="signedWeightsAreExact">What the processor can do.</param>
    public static WhisperProbe Probe(WhisperSessions files, WhisperConfig config, WhisperVocabulary vocabulary, bool signedWeightsAreExact)
    {
        bool takesShort = files.Encoder.Inputs[0].Shape is [_, _, < 0 or ShortFrames] && TryWindow(files, config, vocabulary, ShortFrames, out _);
        bool checksDrafts = false;
        if (!takesShort && !TryWindow(files, config, vocabulary, AudioWindow.Full, out OnnxException? failure))
        {
            throw failure!;
        }

        try
        {
            using var context = new WhisperContext(files, config, takesShort ? ShortFrames : AudioWindow.Full);
            checksDrafts = ChecksDrafts(context.Decoder, vocabulary.Prompt(vocabulary.Languages.Values[0], translate: false, times: false), Words);
        }
        catch (OnnxException)
        {
            // Several tokens with a past are refused altogether.
        }

        return new WhisperProbe
        {
            ChecksDrafts = checksDrafts,
            HasCrossAttentions = files.Decoder.Outputs.Any(output => output.Name == ExportDecoder.CrossAttention(config.DecoderLayers - 1)),
            TakesShortWindows = takesShort,
            MaySaturate = files.HasSignedWeights && !signedWeightsAreExact,
        };
    }

    /// <summary>Whether tokens behind a past get the same scores together as one by one.</summary>
    /// <param name="graph">The decoder, empty.</param>
    /// <param name="prompt">The past.</param>
    /// <param name="words">The tokens.</param>
    public static bool ChecksDrafts(IDecoderGraph graph, ReadOnlySpan<int> prompt, ReadOnlySpan<int> words)
    {
        graph.Run(prompt);
        var alone = new float[words.Length][];
        for (int i = 0; i < words.Length; i++)
        {
            graph.Run(words.Slice(i, 1));
            alone[i] = graph.Scores(0).ToArray();
        }

        graph.Truncate(prompt.Length);
        graph.Run(words);
        double sum = 0;
        for (int i = 0; i < words.Length; i++)
        {
            ReadOnlySpan<float> together = graph.Scores(i);
            sum += alone[i].Length == together.Length ? Correlation(alone[i], together) : 0;
        }

        return sum / words.Length > Alike;
    }

    /// <summary>The scores behind each of some tokens, over a clip.</summary>
    /// <param name="encoder">Encodes it.</param>
    /// <param name="decoder">Scores.</param>
    /// <param name="vocabulary">Its tokens.</param>
    public static float[][] Scores(IWhisperEncoder encoder, IWhisperDecoder decoder, WhisperVocabulary vocabulary)
    {
        int[] tokens = [.. vocabulary.Prompt(vocabulary.IsMultilingual ? vocabulary.Languages.GetValueOrDefault("en", vocabulary.Languages.Values[0]) : vocabulary.Start, translate: false, times: false), .. Words];
        encoder.Encode(CheckClip.Load(), AudioWindow.Whole);
        decoder.Begin(tokens.Length);
        decoder.Run(tokens);
        return [.. Enumerable.Range(0, tokens.Length).Select(i => decoder.Scores(i).ToArray())];
    }

    /// <summary>How alike the scores of two decoders are, as a correlation.</summary>
    /// <param name="scores">Those of the first, token by token.</param>
    /// <param name="others">Those of the other, of as many tokens.</param>
    public static double Likeness(float[][] scores, float[][] others)
    {
        double sum = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            sum += scores[i].Length == others[i].Length ? Correlation(scores[i], others[i]) : 0;
        }

        return sum / scores.Length;
    }

    private static double Correlation(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double leftMean = Mean(left);
        double rightMean = Mean(right);
        double both = 0;
        double leftSquares = 0;
        double rightSquares = 0;
        for (int i = 0; i < left.Length; i++)
        {
            double x = left[i] - leftMean;
            double y = right[i] - rightMean;
            both += x * y;
            leftSquares += x * x;
            rightSquares += y * y;
        }

        return both / Math.Sqrt(Math.Max(leftSquares * rightSquares, double.Epsilon));
    }

    private static double Mean(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }

    private static bool TryWindow(WhisperSessions files, WhisperConfig config, WhisperVocabulary vocabulary, int frames, out OnnxException? failure)
    {
        try
        {
            using var context = new WhisperContext(files, config, frames);
            context.Decoder.Run([vocabulary.Start]);
            failure = null;
            return true;
        }
        catch (OnnxException exception)
        {
            failure = exception;
            return false;
        }
    }

    /// <summary>An encoded window of speech, ready to decode.</summary>
    private sealed class WhisperContext : IDisposable
    {
        private const int Room = 64;

        private readonly OrtRunOptions _options = new();
        private readonly ExportEncoder _encoder;

        public WhisperContext(WhisperSessions files, WhisperConfig config, int frames)
        {
            _encoder = new ExportEncoder(files.Encoder, config, _options);
            Decoder = new ExportDecoder(files.Decoder, config, _encoder.Output, _options);
            try
            {
                _encoder.Encode(CheckClip.Load(), new AudioWindow(frames));
                Decoder.Begin(Room);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public ExportDecoder Decoder { get; }

        public void Dispose()
        {
            Decoder.Dispose();
            _encoder.Dispose();
            _options.Dispose();
        }
    }
}
