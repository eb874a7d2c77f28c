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
    private float[]? _filled;

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
        EncodedSpeech? speech = Known(audio, pass);
        int known = speech is null ? 0 : KnownText(audio, speech);
        Encode(audio, speech, pass.IsFinal);
        long encoded = Stopwatch.GetTimestamp();
        MoonshineAligner? aligner = pass.WordTimes ? _context.Aligner : null;
        Decode(audio.Length, speech, known, aligner, pass);
        IReadOnlyList<WordTime> words = aligner?.Find(_greedy.Tokens, _greedy.Confidences, _model.Tokens, audio) ?? [];
        long decoded = Stopwatch.GetTimestamp();
        if (speech is not null)
        {
            pass.Memory!.Give(speech);
        }

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

    /// <summary>What is known of the speech, or room for it; null where nothing is to be kept.</summary>
    private EncodedSpeech? Known(ReadOnlySpan<float> audio, PassRequest pass)
    {
        return pass.Memory is { } memory && _model.Settings.KeepsSpeech && audio.Length >= MinSamples ? memory.Take<EncodedSpeech>() ?? new EncodedSpeech() : null;
    }

    /// <summary>Samples of the audio that the text known of the speech was heard in; 0 where that text is another audio's.</summary>
    private static int KnownText(ReadOnlySpan<float> audio, EncodedSpeech speech)
    {
        speech.Follow(audio);
        int common = speech.Common(audio);
        if (common > speech.Count / 2 && speech.Count - common <= EncodedSpeech.MostTrimmed)
        {
            return common;
        }

        speech.Text.Clear();
        return 0;
    }

    private void Encode(ReadOnlySpan<float> audio, EncodedSpeech? speech, bool isWhole)
    {
        float gain = SpeechLevel.GainFor(audio);
        if (audio.Length < MinSamples)
        {
            _filled ??= new float[MinSamples];
            audio.CopyTo(_filled);
            _filled.AsSpan(audio.Length).Clear();
            audio = _filled;
        }

        _context.Encoder.Encode(audio, speech?.Level(gain) ?? gain, speech, isWhole);
    }

    private void Decode(int samples, EncodedSpeech? speech, int known, MoonshineAligner? aligner, PassRequest pass)
    {
        int cap = TokensIn(samples);
        ReadOnlySpan<int> draft = Model.CanCheckDrafts ? pass.Draft.Span : [];
        draft = draft[..Math.Min(draft.Length, cap)];
        _context.Decoder.Begin(2 + cap + draft.Length);
        aligner?.Watch();
        if (speech is null || _context.Decoder is not MoonshineStepper stepper)
        {
            _greedy.Run(_context.Decoder, [Start], draft, End, cap);
            return;
        }

        int settled = pass.IsFinal || aligner is not null ? 0 : speech.Text.Settled(draft);
        if (settled > 0)
        {
            speech.Text.Restore(stepper, settled);
        }

        // New audio holds only so many words. What goes on after them is made up, and would be taken back by the next pass.
        int most = pass.IsFinal || draft.IsEmpty || known == 0 ? int.MaxValue : draft.Length + TokensIn(samples - known);
        float least = pass.IsFinal || draft.IsEmpty ? 0 : _model.Settings.LeastConfidence;
        _greedy.Run(stepper, [Start], draft, End, cap, speech.Text.Confidences(settled), most, least, speech.Text.Believed);
        speech.Text.Take(stepper, _greedy, settled, pass.IsFinal);
    }

    private int TokensIn(int samples)
    {
        return (int)Math.Ceiling(samples / 16000.0 * Model.MaxTokensPerSecond) + SpareTokens;
    }

    private static long Micros(long ticks)
    {
        return ticks * 1_000_000 / Stopwatch.Frequency;
    }
}
