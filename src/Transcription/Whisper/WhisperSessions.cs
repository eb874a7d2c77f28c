using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The two graphs of an export, loaded once for all recognizers.</summary>
internal sealed class WhisperSessions : IDisposable
{
    private const string EncoderName = "encoder_model";
    private const string DecoderName = "decoder_model_merged";

    /// <summary>Endings of the files' names, smallest first.</summary>
    private static readonly string[] SmallFirst = ["_int8", "_quantized", "_uint8", ""];

    private WhisperSessions(OrtSession encoder, OrtSession decoder, string? reason)
    {
        Encoder = encoder;
        Decoder = decoder;
        HasSignedWeights = IsSigned(encoder.Path) || IsSigned(decoder.Path);
        ShippedGraphReason = reason;
    }

    /// <summary>Audio to what the decoder listens to.</summary>
    public OrtSession Encoder { get; }

    /// <summary>Tokens to scores.</summary>
    public OrtSession Decoder { get; }

    /// <summary>Whether weights may be signed 8-bit integers.</summary>
    public bool HasSignedWeights { get; }

    /// <summary>Why the decoder is used as it was shipped although it could be made faster; null when there was nothing to do, or it was done.</summary>
    public string? ShippedGraphReason { get; }

    /// <summary>The files of a folder that would be loaded, best first.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="variant">Ending asked for, or null for any.</param>
    /// <exception cref="RecognizerException">There are none.</exception>
    public static List<(string Encoder, string Decoder)> Find(string folder, string? variant)
    {
        string graphs = Directory.Exists(Path.Combine(folder, "onnx")) ? Path.Combine(folder, "onnx") : folder;
        string[] endings = variant is null ? SmallFirst : [variant];
        var found = new List<(string Encoder, string Decoder)>();
        foreach (string ending in endings)
        {
            string encoder = Path.Combine(graphs, $"{EncoderName}{ending}.onnx");
            string decoder = Path.Combine(graphs, $"{DecoderName}{ending}.onnx");
            if (File.Exists(encoder) && File.Exists(decoder))
            {
                found.Add((encoder, decoder));
            }
        }

        return found.Count > 0
            ? found
            : throw new RecognizerException(
                $"'{graphs}' has no pair of '{EncoderName}X.onnx' and '{DecoderName}X.onnx', where X is {string.Join(" or ", endings.Select(ending => $"'{ending}'"))}.");
    }

    /// <summary>Loads the best pair that the runtime takes.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="variant">Ending asked for, or null for any.</param>
    /// <param name="signedWeightsAreExact">What the processor can do.</param>
    /// <exception cref="RecognizerException">There is none.</exception>
    public static WhisperSessions Load(string folder, string? variant, bool signedWeightsAreExact)
    {
        OnnxException? failure = null;
        foreach ((string encoderPath, string decoderPath) in Find(folder, variant))
        {
            OrtSession? encoder = null;
            try
            {
                (string heard, string? encoderReason) = PreparedExport.Encoder(encoderPath, signedWeightsAreExact);
                (string said, string? decoderReason) = PreparedExport.Decoder(decoderPath, signedWeightsAreExact);
                encoder = OrtSession.Load(heard);
                return new WhisperSessions(encoder, OrtSession.Load(said), decoderReason ?? encoderReason);
            }
            catch (OnnxException exception)
            {
                encoder?.Dispose();
                failure ??= exception;
            }
        }

        throw new RecognizerException($"The model in '{folder}' cannot be loaded. {failure!.Message}", failure);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Encoder.Dispose();
        Decoder.Dispose();
    }

    /// <summary>Whether a file's weights may be signed 8-bit integers.</summary>
    /// <param name="path">The file.</param>
    public static bool IsSigned(string path)
    {
        // Prepared copies have more behind the name; those with unsigned weights say so.
        string name = Path.GetFileNameWithoutExtension(path);
        if (name.Contains(".prepared-", StringComparison.Ordinal))
        {
            return !name.Contains("-unsigned-", StringComparison.Ordinal) && IsSigned(name[..name.IndexOf(".prepared-", StringComparison.Ordinal)] + ".onnx");
        }

        return name.EndsWith("_int8", StringComparison.Ordinal) || name.EndsWith("_quantized", StringComparison.Ordinal);
    }
}
