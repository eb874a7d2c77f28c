using System.Diagnostics;
using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Moonshine tiny, English: weights loaded once, recognizers over them.</summary>
public sealed class MoonshineModel : IRecognizerModel
{
    /// <summary>Folder below the folder of models.</summary>
    public const string DefaultFolder = "moonshine-tiny";

    private const int MaxSeconds = 29;

    /// <summary>Speech after which what follows the next pause is heard by itself: of 4, 6, 8 and 10 s, 4 and 10 had the fewest errors, and with 4 short sentences are torn apart (docs/architecture.md).</summary>
    private const int MostHeardWell = 10 * MoonshineShape.SampleRate;

    /// <summary>Half of it what the decoder attends to, half what the encoder computes in.</summary>
    private const long WindowBytes = 50_000_000;

    /// <summary>Tokens allowed beyond the rate, so that a short, quick answer is not cut.</summary>
    private const int SpareTokens = 4;

    private readonly MemoryAccount _shared = new();
    private readonly ShippedGraphs? _graphs;

    private MoonshineModel(string encoder, string decoder, TokenTable tokens, MoonshineSettings settings)
    {
        Tokens = tokens;
        Settings = settings;
        Info = new ModelInfo
        {
            Name = "moonshine-tiny",
            Languages = ["en"],
            MaxSamples = MaxSeconds * MoonshineShape.SampleRate,
            CanCheckDrafts = settings.UseDrafts,
            HasWordTimes = settings.UseKernels != false,
            InventsEndings = true,
            PartSamples = MostHeardWell,
            WantsQuiet = true,
            PassBytes = WindowBytes,
        };
        (Weights, _graphs, ShippedGraphsReason) = _shared.Charge(() => LoadWeights(encoder, decoder));
        Info = Info with { HasWordTimes = Weights is not null, SharesSteps = Weights is not null };
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <inheritdoc/>
    public long SharedBytes => _shared.Bytes;

    /// <summary>How it was loaded.</summary>
    public MoonshineSettings Settings { get; }

    /// <summary>Why the shipped graphs are used, several times slower than our own code; null when they are not.</summary>
    public string? ShippedGraphsReason { get; }

    internal TokenTable Tokens { get; }

    /// <summary>What our own code decodes with; null where the shipped graphs are used.</summary>
    internal MoonshineWeights? Weights { get; }

    /// <summary>Loads the installed model. The first time, what it hears is compared with what the shipped graphs hear, which takes a second or two.</summary>
    /// <param name="settings">How; null for the defaults.</param>
    /// <exception cref="RecognizerException">It is not installed, or damaged.</exception>
    public static MoonshineModel Load(MoonshineSettings? settings = null)
    {
        return Load(Path.Combine(ModelLocator.Root(), DefaultFolder), settings);
    }

    /// <summary>Loads a model.</summary>
    /// <param name="folder">Folder with the two graphs and <c>tokens.json</c>.</param>
    /// <param name="settings">How; null for the defaults.</param>
    /// <exception cref="RecognizerException">It is missing or damaged.</exception>
    public static MoonshineModel Load(string folder, MoonshineSettings? settings = null)
    {
        settings ??= new MoonshineSettings();
        TokenTable tokens = TokenTable.LoadPieces(Path.Combine(folder, "tokens.json"));
        string encoder = Path.Combine(folder, "encoder_model.onnx");
        string decoder = Path.Combine(folder, "decoder_model_merged.onnx");
        foreach (string file in (ReadOnlySpan<string>)[encoder, decoder])
        {
            if (!File.Exists(file))
            {
                throw new RecognizerException($"'{file}' is missing. Run models/install.");
            }
        }

        try
        {
            return new MoonshineModel(encoder, decoder, tokens, settings);
        }
        catch (OnnxException exception)
        {
            throw new RecognizerException($"The model in '{folder}' cannot be loaded. {exception.Message} Run models/install.", exception);
        }
    }

    /// <inheritdoc/>
    public IRecognizer CreateRecognizer()
    {
        return new MemoryAccount().Charge<IRecognizer>(() => Weights is not null ? new MoonshineRecognizer(this, Weights) : new ShippedRecognizer(this, _graphs!));
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        return Tokens.Decode(tokens).Trim();
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> TokenBytes(int token)
    {
        return Tokens.Piece(token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Weights?.LetGo();
        _graphs?.Dispose();
    }

    /// <summary>Fills audio up to what the convolutions need.</summary>
    /// <param name="audio">Samples.</param>
    internal static ReadOnlySpan<float> Fill(ReadOnlySpan<float> audio)
    {
        if (audio.Length >= MoonshineShape.MinSamples)
        {
            return audio;
        }

        var filled = new float[MoonshineShape.MinSamples];
        audio.CopyTo(filled);
        return filled;
    }

    /// <summary>Most tokens that are believed of so much audio.</summary>
    /// <param name="samples">Samples.</param>
    internal int TokensIn(int samples)
    {
        return (int)Math.Ceiling(samples / (double)MoonshineShape.SampleRate * Info.MaxTokensPerSecond) + SpareTokens;
    }

    /// <summary>Refuses audio that is too long.</summary>
    /// <param name="audio">Samples.</param>
    internal ReadOnlySpan<float> Check(ReadOnlySpan<float> audio)
    {
        const double Rate = MoonshineShape.SampleRate;
        return audio.Length <= Info.MaxSamples
            ? audio
            : throw new RecognizerException($"{audio.Length / Rate:F1} s of audio were given to '{Info.Name}', which takes {Info.MaxSamples / Rate:F1} s at once.");
    }

    /// <summary>What a pass has heard.</summary>
    /// <param name="heard">Its decoding.</param>
    /// <param name="words">Times of its words.</param>
    /// <param name="encoding">Time it took to encode, in ticks of the stopwatch.</param>
    /// <param name="decoding">Time it took to decode, likewise.</param>
    internal PassResult Result(GreedyDecoder heard, IReadOnlyList<WordTime> words, long encoding, long decoding)
    {
        string text = Decode(heard.Tokens);
        return new PassResult
        {
            Tokens = heard.Tokens.ToArray(),
            Confidences = heard.Confidences.ToArray(),
            TokenEnds = Tokens.Ends(heard.Tokens, text),
            Text = text,
            Language = Info.Languages[0],
            Words = words,
            WasGuarded = heard.WasGuarded,
            Cost = new PassCost(Micros(encoding), Micros(decoding), heard.Calls, heard.Kept),
        };
    }

    private (MoonshineWeights? Weights, ShippedGraphs? Graphs, string? Reason) LoadWeights(string encoder, string decoder)
    {
        if (Settings.UseKernels == false)
        {
            return (null, ShippedGraphs.Load(encoder, decoder), "They were asked for.");
        }

        if (Settings.UseKernels == true || Settings.KernelsAreFast)
        {
            return MoonshineLoader.Load(this, encoder, decoder);
        }

        (ShippedGraphs graphs, string reason) = ShippedGraphs.LoadPrepared(encoder, decoder, ProcessorFeatures.SlowKernels);
        return (null, graphs, reason);
    }

    private static long Micros(long ticks)
    {
        return ticks * 1_000_000 / Stopwatch.Frequency;
    }
}
