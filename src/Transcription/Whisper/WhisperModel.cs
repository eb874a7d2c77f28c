using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// A Whisper model of any size, from a folder as Hugging Face's ONNX exports have it: weights loaded once, recognizers over them.
/// </summary>
public sealed class WhisperModel : IRecognizerModel
{
    private const int MaxSamples = AudioWindow.Full * LogMel.Hop;

    /// <summary>Most that is kept of a second of a session's speech. Of larger models a few turns would fill the memory, and processors are too slow for live text of them.</summary>
    private const long MostKept = 8_000_000;

    private readonly MemoryAccount _shared = new();
    private readonly WhisperSessions? _sessions;
    private readonly int _lookAhead;

    private WhisperModel(string folder, WhisperSettings settings)
    {
        Config = WhisperConfig.Load(Path.Combine(folder, WhisperConfig.FileName));
        WhisperGeneration generation = WhisperGeneration.Load(Path.Combine(folder, "generation_config.json"));
        Tokenizer = WhisperTokenizer.Load(Path.Combine(folder, "tokenizer.json"));
        Vocabulary = new WhisperVocabulary(Tokenizer, generation, Config.VocabSize);
        Chooser = new TokenChooser(Vocabulary, generation.MaxInitialTimestampIndex);
        AlignmentHeads = FindHeads(generation);
        (Weights, _sessions, string? reason) = _shared.Charge(() => WhisperLoader.Load(folder, Config, Vocabulary, settings));
        ShippedGraphReason = reason ?? _sessions?.ShippedGraphReason;
        try
        {
            Probe = settings.AssumedProbe ?? (_sessions is null ? WhisperProbe.Whole : FindProbe(_sessions, folder, settings));
        }
        catch (OnnxException exception)
        {
            _sessions!.Dispose();
            throw new RecognizerException($"The model in '{folder}' loads but does not run. {exception.Message}", exception);
        }

        KeepsSpeech = Weights is not null && settings.KeepsSpeech && settings.UseShortWindows && WhisperSpeech.BytesPerSecond(Weights, Config) <= MostKept;
        _lookAhead = (int)(settings.LookAhead.TotalSeconds * 16_000 / WhisperEncoder.PositionSamples);
        Window = Probe.TakesShortWindows && settings.UseShortWindows
            ? settings.Window ?? (Weights is not null ? AudioWindow.Spreading : AudioWindow.For)
            : (_, _) => AudioWindow.Whole;
        Info = new ModelInfo
        {
            Name = settings.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            Languages = Vocabulary.IsMultilingual ? [.. Vocabulary.Languages.Keys.Order(StringComparer.Ordinal).OrderByDescending(code => code == "en")] : ["en"],
            DetectsLanguage = Vocabulary.IsMultilingual,
            MaxSamples = MaxSamples,
            MaxTokensPerSecond = 13,
            CanCheckDrafts = Probe.ChecksDrafts && settings.UseDrafts,
            HasWordTimes = Probe.HasCrossAttentions,
            SharesSteps = Weights is not null,
            PassBytes = FindPassBytes(),
            CanTranslate = Vocabulary.IsMultilingual && Vocabulary.Translate >= 0,
        };
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <inheritdoc/>
    public long SharedBytes => _shared.Bytes + (Weights?.TableBytes ?? 0);

    /// <summary>What the export's graphs can do.</summary>
    public WhisperProbe Probe { get; }

    /// <summary>Why the export's graphs are used as they are although it could go faster; null when that is not so.</summary>
    public string? ShippedGraphReason { get; }

    internal WhisperConfig Config { get; }

    internal WhisperTokenizer Tokenizer { get; }

    internal WhisperVocabulary Vocabulary { get; }

    internal TokenChooser Chooser { get; }

    /// <summary>What our own code decodes with; null where the export's graphs are used.</summary>
    internal WhisperWeights? Weights { get; }

    /// <summary>What to encode by samples of audio and whether the pass is final.</summary>
    internal Func<int, bool, AudioWindow> Window { get; }

    /// <summary>Whether passes go on from what was encoded before.</summary>
    internal bool KeepsSpeech { get; }

    internal bool HasAlignment => Probe.HasCrossAttentions;

    /// <summary>Heads whose attention tells times.</summary>
    internal (int Layer, int Head)[] AlignmentHeads { get; }

    /// <summary>Loads a model and, the first time, tries what its graphs can do.</summary>
    /// <param name="folder">Folder with <c>config.json</c>, <c>tokenizer.json</c> and <c>onnx/</c>.</param>
    /// <param name="settings">How; null for the defaults.</param>
    /// <exception cref="RecognizerException">Something is missing or damaged.</exception>
    public static WhisperModel Load(string folder, WhisperSettings? settings = null)
    {
        return new WhisperModel(folder, settings ?? new WhisperSettings());
    }

    /// <inheritdoc/>
    public IRecognizer CreateRecognizer()
    {
        try
        {
            return new MemoryAccount().Charge(() => new WhisperRecognizer(this));
        }
        catch (OnnxException exception)
        {
            throw new RecognizerException($"Model '{Info.Name}' cannot be used: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        return Tokenizer.Table.Decode(tokens).Trim();
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> TokenBytes(int token)
    {
        return Tokenizer.Table.Piece(token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Weights?.LetGo();
        _sessions?.Dispose();
    }

    /// <summary>Makes the buffers of a recognizer.</summary>
    /// <param name="options">By which its passes are ended.</param>
    internal (IWhisperEncoder Encoder, IWhisperDecoder Decoder) MakeContext(OrtRunOptions options)
    {
        if (Weights is null)
        {
            var graph = new ExportEncoder(_sessions!.Encoder, Config, options);
            return (graph, new ExportDecoder(_sessions.Decoder, Config, graph.Output, options));
        }

        var window = new WhisperWindow(Config);
        return (new WhisperEncoder(Weights, Config, window, options, _lookAhead), new WindowDecoder(Weights, window, Config.VocabSize, options));
    }

    /// <summary>Tokens that put a text before the transcript, as if it had been said before.</summary>
    /// <param name="prompt">The text, or null.</param>
    internal int[] EncodePrompt(string? prompt)
    {
        if (string.IsNullOrWhiteSpace(prompt) || Vocabulary.Previous < 0)
        {
            return [];
        }

        List<int> tokens = Tokenizer.Encode(" " + prompt.Trim());
        int longest = (Config.MaxTargetPositions / 2) - 1;
        return [Vocabulary.Previous, .. tokens.Skip(Math.Max(0, tokens.Count - longest))];
    }

    /// <summary>The token of a language.</summary>
    /// <param name="code">Its code, perhaps with a region behind.</param>
    /// <exception cref="RecognizerException">The model does not know it.</exception>
    internal int LanguageToken(string code)
    {
        return Vocabulary.Languages.TryGetValue(code, out int token)
            || Vocabulary.Languages.TryGetValue(code.Split('-')[0].ToLowerInvariant(), out token)
                ? token
                : throw new RecognizerException($"The model '{Info.Name}' does not know the language '{code}'; it knows {string.Join(", ", Info.Languages)}.");
    }

    /// <summary>By position, in rows of the network's width: keys and values of the audio in each of the decoder's layers, and what an encoder computes in.</summary>
    private long FindPassBytes()
    {
        const long Positions = 21 * 16_000 / WhisperEncoder.PositionSamples;
        const int EncoderRows = 17;
        return Positions * Config.DModel * sizeof(float) * ((2 * Config.DecoderLayers) + EncoderRows);
    }

    private WhisperProbe FindProbe(WhisperSessions sessions, string folder, WhisperSettings settings)
    {
        if (!settings.KeepProbe)
        {
            return WhisperProber.Probe(sessions, Config, Vocabulary, settings.SignedWeightsAreExact);
        }

        var unknown = new WhisperProbe { ChecksDrafts = false, HasCrossAttentions = false, TakesShortWindows = false, MaySaturate = false };
        ProbeRecord files = ProbeRecord.Of(sessions.Encoder.Path, sessions.Decoder.Path, settings.SignedWeightsAreExact, unknown);
        if (ProbeRecord.TryRead(folder, files) is { } kept)
        {
            return kept;
        }

        WhisperProbe found = WhisperProber.Probe(sessions, Config, Vocabulary, settings.SignedWeightsAreExact);
        (files with { Found = found }).TryWrite(folder);
        return found;
    }

    /// <summary>The heads that the export names, or all of the upper half of the layers, which serve nearly as well.</summary>
    private (int Layer, int Head)[] FindHeads(WhisperGeneration generation)
    {
        (int Layer, int Head)[] named =
        [
            .. (generation.AlignmentHeads ?? [])
                .Where(pair => pair is [>= 0, >= 0] && pair[0] < Config.DecoderLayers && pair[1] < Config.DecoderAttentionHeads)
                .Select(pair => (pair[0], pair[1])),
        ];
        if (named.Length == 0)
        {
            int half = Config.DecoderLayers / 2;
            named =
            [
                .. Enumerable.Range(half, Config.DecoderLayers - half)
                    .SelectMany(layer => Enumerable.Range(0, Config.DecoderAttentionHeads).Select(head => (layer, head))),
            ];
        }

        return named;
    }
}
