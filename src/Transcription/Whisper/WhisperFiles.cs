using System.Text.Json;
using System.Text.Json.Serialization;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>Measures of the network, from <c>config.json</c>.</summary>
/// <remarks>Settable, because generated readers give an init-only property that is missing zero instead of its default.</remarks>
internal sealed record WhisperConfig
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "config.json";

    public string? ModelType { get; set; }

    public int DModel { get; set; }

    public int DecoderLayers { get; set; }

    public int DecoderAttentionHeads { get; set; }

    public int EncoderAttentionHeads { get; set; }

    public int NumMelBins { get; set; }

    public int VocabSize { get; set; }

    public int MaxSourcePositions { get; set; } = 1500;

    public int MaxTargetPositions { get; set; } = 448;

    public int MedianFilterWidth { get; set; } = 7;

    /// <summary>Heads of the encoder's attention: as many as the decoder's where the file does not say.</summary>
    [JsonIgnore]
    public int EncoderHeads => EncoderAttentionHeads > 0 ? EncoderAttentionHeads : DecoderAttentionHeads;

    /// <summary>Numbers a head of the decoder.</summary>
    [JsonIgnore]
    public int HeadWidth => DModel / Math.Max(DecoderAttentionHeads, 1);

    /// <summary>Reads and checks the measures.</summary>
    /// <param name="path"><c>config.json</c>.</param>
    /// <exception cref="RecognizerException">It is missing, damaged, or not Whisper's.</exception>
    public static WhisperConfig Load(string path)
    {
        WhisperConfig config = WhisperJson.Load(path, WhisperJson.Default.WhisperConfig);
        if (config.ModelType != "whisper")
        {
            throw new RecognizerException($"'{path}' describes a model of type '{config.ModelType}', not 'whisper'.");
        }

        bool isSane = config is
        {
            DModel: > 0 and <= 8192,
            DecoderLayers: > 0 and <= 128,
            DecoderAttentionHeads: > 0 and <= 256,
            EncoderHeads: > 0 and <= 256,
            NumMelBins: 80 or 128,
            VocabSize: > 0 and <= 1 << 20,
            MaxSourcePositions: > 0 and <= 10000,
            MaxTargetPositions: > 16 and <= 10000,
            MedianFilterWidth: > 0 and < 100,
        };
        return isSane && config.DModel % config.DecoderAttentionHeads == 0 && config.DModel % config.EncoderHeads == 0
            ? config
            : throw new RecognizerException($"'{path}' has measures that no Whisper has: {config}.");
    }
}

/// <summary>How to decode, from <c>generation_config.json</c>; all of it may be missing.</summary>
internal sealed record WhisperGeneration
{
    public int[]? SuppressTokens { get; set; }

    public int[]? BeginSuppressTokens { get; set; }

    public Dictionary<string, int>? LangToId { get; set; }

    public Dictionary<string, int>? TaskToId { get; set; }

    public int[][]? AlignmentHeads { get; set; }

    public int? NoTimestampsTokenId { get; set; }

    public int MaxInitialTimestampIndex { get; set; } = 50;

    public bool? IsMultilingual { get; set; }

    /// <summary>Reads it, or gives the defaults when there is none.</summary>
    /// <param name="path"><c>generation_config.json</c>.</param>
    /// <exception cref="RecognizerException">It is damaged.</exception>
    public static WhisperGeneration Load(string path)
    {
        return File.Exists(path) ? WhisperJson.Load(path, WhisperJson.Default.WhisperGeneration) : new WhisperGeneration();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(WhisperConfig))]
[JsonSerializable(typeof(WhisperGeneration))]
[JsonSerializable(typeof(ProbeRecord))]
internal sealed partial class WhisperJson : JsonSerializerContext
{
    /// <summary>Reads a file.</summary>
    /// <typeparam name="T">What it holds.</typeparam>
    /// <param name="path">Where it is.</param>
    /// <param name="type">How it is read.</param>
    /// <exception cref="RecognizerException">It is missing or damaged.</exception>
    public static T Load<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, type) ?? throw new JsonException("It holds nothing.");
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            throw new RecognizerException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
