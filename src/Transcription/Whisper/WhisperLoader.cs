using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// Loads an export for code of our own where it has 8-bit weights, else for ONNX Runtime. The first time, the scores that our own code gives are compared with those of the export's graphs; where they
/// are not alike, or weights are not found, the graphs are used and the reason is kept.
/// </summary>
internal static class WhisperLoader
{
    /// <summary>Raise it with every change of what the code computes.</summary>
    private const int Version = 1;

    /// <summary>
    /// How alike scores must be, as a correlation. Rounding costs some thousandths; where the processor saturates the graph's products, 0.88 is left; with the values of two layers exchanged, 0.23.
    /// </summary>
    private const double Alike = 0.7;

    private static readonly string[] SmallEndings = ["_int8", "_quantized", "_uint8"];

    /// <summary>What to decode with: one of the two.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="config">Its measures.</param>
    /// <param name="vocabulary">Its tokens.</param>
    /// <param name="settings">How.</param>
    /// <returns>The weights; or the graphs and, where they need not be, why.</returns>
    /// <exception cref="RecognizerException">There is nothing that loads.</exception>
    public static (WhisperWeights? Weights, WhisperSessions? Sessions, string? Reason) Load(
        string folder, WhisperConfig config, WhisperVocabulary vocabulary, WhisperSettings settings)
    {
        string? reason = null;
        if (settings.AssumedProbe is null && settings.UseKernels != false && SmallFiles(folder, settings.Variant) is { } files)
        {
            if (settings.UseKernels is null && !settings.KernelsAreFast)
            {
                return (null, WhisperSessions.Load(folder, settings.Variant, settings.SignedWeightsAreExact), ProcessorFeatures.SlowKernels);
            }

            WhisperWeights? weights = null;
            try
            {
                CheckRecord record = CheckRecord.Of(Version, files.Encoder, files.Decoder, Path.Combine(folder, WhisperConfig.FileName));
                float[][]? expected = settings.KeepProbe && record.IsKept(folder) ? null : GraphScores(files, config, vocabulary);
                weights = new WhisperWeights(SourceGraph.Load(files.Encoder), SourceGraph.Load(files.Decoder), config);
                if (expected is null || IsRight(weights, expected, config, vocabulary))
                {
                    if (expected is not null && settings.KeepProbe)
                    {
                        record.TryWrite(folder);
                    }

                    return (weights, null, null);
                }

                reason = "With the weights that were found other scores come out than from the export's graphs.";
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Whatever else an export that nobody has seen before makes of our own code: its graphs may still run.
                reason = exception is RecognizerException or OnnxException ? exception.Message : $"The weights cannot be used: {exception.Message}";
            }

            weights?.LetGo();
        }

        return (null, WhisperSessions.Load(folder, settings.Variant, settings.SignedWeightsAreExact), reason);
    }

    private static (string Encoder, string Decoder)? SmallFiles(string folder, string? variant)
    {
        foreach ((string encoder, string decoder) in WhisperSessions.Find(folder, variant))
        {
            if (SmallEndings.Any(ending => Path.GetFileNameWithoutExtension(decoder).EndsWith(ending, StringComparison.Ordinal)))
            {
                return (encoder, decoder);
            }
        }

        return null;
    }

    /// <summary>What the export's graphs say. They take several times their size, so they come and go before the weights.</summary>
    private static float[][] GraphScores((string Encoder, string Decoder) files, WhisperConfig config, WhisperVocabulary vocabulary)
    {
        OrtSessionSettings settings = OrtSessionSettings.Default with { UseArena = false };
        using var options = new OrtRunOptions();
        using OrtSession encoderGraph = OrtSession.Load(files.Encoder, settings);
        using var encoder = new ExportEncoder(encoderGraph, config, options);
        using OrtSession decoderGraph = OrtSession.Load(files.Decoder, settings);
        using var decoder = new ExportDecoder(decoderGraph, config, encoder.Output, options);
        return WhisperProber.Scores(encoder, decoder, vocabulary);
    }

    private static bool IsRight(WhisperWeights weights, float[][] expected, WhisperConfig config, WhisperVocabulary vocabulary)
    {
        using var options = new OrtRunOptions();
        using var window = new WhisperWindow(config);
        using var encoder = new WhisperEncoder(weights, config, window, options);
        using var decoder = new WindowDecoder(weights, window, config.VocabSize, options);
        return WhisperProber.Likeness(WhisperProber.Scores(encoder, decoder, vocabulary), expected) > Alike;
    }
}
