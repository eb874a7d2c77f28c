using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>
/// A graph of any export with <see cref="ExportRewrites"/> done to it: looked for beside the original, or made, compared with it, and
/// put there. An export without the patterns, or one whose copy fails the comparison, is used as it is.
/// </summary>
internal static class PreparedExport
{
    private const long LargestFile = 512L << 20;
    private const int ComparedTokens = 6;
    private const int ComparedFrames = 1500;
    private const double AllowedDifference = 0.05;

    /// <summary>The file to load for an encoder.</summary>
    /// <param name="encoder">An <c>encoder_model</c>.</param>
    /// <param name="signedWeightsAreExact">What the processor can do; see <see cref="ProcessorFeatures"/>.</param>
    /// <returns>Its path, and why it is the original although it had to be prepared; null else.</returns>
    public static (string Path, string? Reason) Encoder(string encoder, bool signedWeightsAreExact)
    {
        return signedWeightsAreExact ? (encoder, null) : Prepare(encoder, "unsigned", static model => ExportRewrites.MakeUnsigned(model) > 0);
    }

    /// <summary>The file to load for a decoder.</summary>
    /// <param name="decoder">A <c>decoder_model_merged</c>.</param>
    /// <param name="signedWeightsAreExact">What the processor can do; see <see cref="ProcessorFeatures"/>.</param>
    /// <returns>Its path, and why it is the original although there was something to prepare; null else.</returns>
    public static (string Path, string? Reason) Decoder(string decoder, bool signedWeightsAreExact)
    {
        (string path, string? reason) = Prepare(decoder, "export", static model => ExportRewrites.Apply(model) != (0, 0), Differs);
        return signedWeightsAreExact || reason is not null ? (path, reason) : Prepare(path, "unsigned", static model => ExportRewrites.MakeUnsigned(model) > 0);
    }

    private static (string Path, string? Reason) Prepare(string original, string form, Func<ModelProto, bool> rewrite, Func<string, string, string?>? compare = null)
    {
        if (!File.Exists(original) || new FileInfo(original).Length > LargestFile)
        {
            return (original, null);
        }

        string? aside = null;
        try
        {
            string path = PreparedFile.PathFor(original, form, original);
            if (File.Exists(path))
            {
                return (path, null);
            }

            SourceGraph source = SourceGraph.Load(original);
            // A copy would have to take the file with the weights along, and the rewriter does not read it.
            if (SourceGraph.HasExternalData(source.Model) || !rewrite(source.Model))
            {
                return (original, null);
            }

            if (!SideFile.MayWrite(Path.GetDirectoryName(path)!))
            {
                return (original, $"the folder of '{original}' may not be written to, so that a prepared copy cannot be kept there; the original is used.");
            }

            aside = PreparedFile.WriteAside(source.Model, path);
            if (compare?.Invoke(original, aside) is { } reason)
            {
                return (original, reason);
            }

            PreparedFile.Publish(aside, path);
            return (path, null);
        }
        catch (Exception exception) when (exception is OnnxException or RecognizerException or IOException or UnauthorizedAccessException)
        {
            return (original, $"'{original}' could not be prepared and is used as it is: {exception.Message}");
        }
        finally
        {
            if (aside is not null)
            {
                File.Delete(aside);
            }
        }
    }

    private static string? Differs(string original, string rewritten)
    {
        float[] expected = Logits(original);
        float[] got = Logits(rewritten);
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(expected[i] - got[i], 2);
            size += Math.Pow(expected[i], 2);
        }

        double relative = Math.Sqrt(difference / size);
        return relative <= AllowedDifference
            ? null
            : $"the prepared copy of '{original}' gives other scores (by {relative:P1}); the original is used.";
    }

    /// <summary>Scores after a few tokens on made-up audio: first all at once, then one more behind them, so that both branches take part.</summary>
    private static float[] Logits(string path)
    {
        using OrtSession session = OrtSession.Load(path);
        var graph = new MergedGraph(session);
        OrtValueInfo audio = session.Inputs.First(info => info.Name == "encoder_hidden_states");
        using var hidden = new OrtTensor(OrtElementType.Float, [1L, ComparedFrames, audio.Shape[2]]);
        var random = new Random(1);
        foreach (ref float number in hidden.Span<float>())
        {
            number = random.NextSingle() - 0.5f;
        }

        var kept = new KeepAll();
        using var options = new OrtRunOptions();
        using var stepper = new MergedStepper(graph, hidden, kept, options);
        stepper.Begin(ComparedTokens + 1);
        var tokens = new int[ComparedTokens];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = 100 + (i * 37);
        }

        var next = new int[ComparedTokens];
        var confidences = new float[ComparedTokens];
        stepper.Step(tokens, next, confidences);
        stepper.Step(tokens.AsSpan(0, 1), next, confidences);
        return [.. kept.Logits];
    }

    private sealed class KeepAll : ITokenChooser
    {
        public List<float> Logits { get; } = [];

        public (int Token, float Confidence) Choose(Span<float> logits)
        {
            Logits.AddRange(logits);
            return (0, 1);
        }
    }
}
