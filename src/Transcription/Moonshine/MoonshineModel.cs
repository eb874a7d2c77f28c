using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Moonshine tiny, English: weights loaded once, recognizers over them.</summary>
public sealed class MoonshineModel : IRecognizerModel
{
    /// <summary>Folder below the folder of models.</summary>
    public const string DefaultFolder = "moonshine-tiny";

    private const int MaxSeconds = 29;
    private const int SampleRate = 16000;

    private readonly MoonshineSessions _sessions;

    private MoonshineModel(MoonshineSessions sessions, TokenTable tokens, MoonshineSettings settings, string? reason)
    {
        _sessions = sessions;
        Tokens = tokens;
        Settings = settings;
        ShippedGraphsReason = reason;
        Info = new ModelInfo
        {
            Name = "moonshine-tiny",
            Languages = ["en"],
            MaxSamples = MaxSeconds * SampleRate,
            CanCheckDrafts = settings.UseDrafts,
            StepSamples = MoonshineShape.FrameSamples,
            HasWordTimes = reason is null,
            InventsEndings = true,
            WantsQuiet = true,
        };
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <summary>How it was loaded.</summary>
    public MoonshineSettings Settings { get; }

    /// <summary>Why the shipped graphs are used, several times slower than prepared ones; null when the prepared ones are.</summary>
    public string? ShippedGraphsReason { get; }

    internal TokenTable Tokens { get; }

    /// <summary>Loads the installed model. The first time on a machine its graphs are prepared, which takes a few seconds.</summary>
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
            (MoonshineSessions sessions, string? reason) = settings.UsePreparedGraphs
                ? MoonshinePreparation.Load(encoder, decoder, tokens)
                : (MoonshineSessions.Load(null, encoder, decoder), "They were asked for.");
            return new MoonshineModel(sessions, tokens, settings, reason);
        }
        catch (OnnxException exception)
        {
            throw new RecognizerException($"The model in '{folder}' cannot be loaded. {exception.Message} Run models/install.", exception);
        }
    }

    /// <inheritdoc/>
    public IRecognizer CreateRecognizer()
    {
        return new MoonshineRecognizer(this);
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
        _sessions.Dispose();
    }

    internal MoonshineContext MakeContext(OrtRunOptions options)
    {
        return _sessions.MakeContext(options, Settings.LookAhead);
    }
}
