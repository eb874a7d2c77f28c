using System.Diagnostics;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>One decoding context: buffers over the model's shared sessions.</summary>
internal sealed class MoonshineRecognizer : ExclusiveRecognizer
{
    /// <summary>The convolutions need some audio; less than this is filled up with silence.</summary>
    private const int MinSamples = 4000;

    /// <summary>Tokens allowed beyond the rate, so that a short, quick answer is not cut.</summary>
    private const int SpareTokens = 4;

    private readonly MoonshineModel _model;
    private readonly MoonshineContext _context;
    private readonly GreedyDecoder _greedy;
    private float[] _atLevel = [];

    internal MoonshineRecognizer(MoonshineModel model)
    {
        _model = model;
        _greedy = new GreedyDecoder(model.Tokens.Marks, model.Tokens.FullStop);
        _context = model.MakeContext(Options);
    }

    /// <inheritdoc/>
    public override ModelInfo Model => _model.Info;

    /// <inheritdoc/>
    protected override PassResult Recognize(PassRequest pass)
    {
        ReadOnlySpan<float> audio = pass.Audio.Span;
        if (audio.Length > Model.MaxSamples)
        {
            throw new RecognizerException(
                $"{audio.Length / 16000.0:F1} s of audio were given to '{Model.Name}', which takes {Model.MaxSamples / 16000.0:F1} s at once.");
        }

        if (audio.IsEmpty)
        {
            return PassResult.Empty;
        }

        long start = Stopwatch.GetTimestamp();
        _context.Encoder.Encode(AtLevel(audio), MinSamples);
        long encoded = Stopwatch.GetTimestamp();

        int cap = (int)Math.Ceiling(audio.Length / 16000.0 * Model.MaxTokensPerSecond) + SpareTokens;
        ReadOnlySpan<int> draft = Model.CanCheckDrafts ? pass.Draft.Span : [];
        draft = draft[..Math.Min(draft.Length, cap)];
        _context.Decoder.Begin(2 + cap + draft.Length);
        MoonshineAligner? aligner = pass.WordTimes ? _context.Aligner : null;
        aligner?.Watch();
        _greedy.Run(_context.Decoder, [Start], draft, End, cap);
        IReadOnlyList<WordTime> words = aligner?.Find(_greedy.Tokens, _greedy.Confidences, _model.Tokens, audio) ?? [];
        long decoded = Stopwatch.GetTimestamp();

        return new PassResult
        {
            Tokens = _greedy.Tokens.ToArray(),
            Confidences = _greedy.Confidences.ToArray(),
            Text = _model.Decode(_greedy.Tokens),
            Language = Model.Languages[0],
            Words = words,
            WasGuarded = _greedy.WasGuarded,
            Cost = new PassCost(Micros(encoded - start), Micros(decoded - encoded), _greedy.Calls, _greedy.Kept),
        };
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        _context.Dispose();
    }

    private ReadOnlySpan<float> AtLevel(ReadOnlySpan<float> audio)
    {
        if (_atLevel.Length < audio.Length)
        {
            _atLevel = new float[Math.Max(audio.Length, Math.Min(2 * _atLevel.Length, Model.MaxSamples))];
        }

        SpeechLevel.Copy(audio, SpeechLevel.GainFor(audio), _atLevel);
        return _atLevel.AsSpan(0, audio.Length);
    }

    private static long Micros(long ticks)
    {
        return ticks * 1_000_000 / Stopwatch.Frequency;
    }
}
