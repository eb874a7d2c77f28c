using System.Diagnostics;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>One decoding context: buffers over the model's shared weights.</summary>
internal sealed class MoonshineRecognizer : ExclusiveRecognizer
{
    private readonly MoonshineModel _model;
    private readonly MoonshineWeights _weights;
    private readonly MoonshineEncoder _encoder;
    private readonly MoonshineStepper _stepper;
    private readonly MoonshineAligner _aligner;
    private readonly GreedyDecoder _greedy;

    /// <summary>For passes that keep nothing.</summary>
    private readonly EncodedSpeech _alone = new(isAlone: true);

    internal MoonshineRecognizer(MoonshineModel model, MoonshineWeights weights)
    {
        _model = model;
        _weights = weights;
        weights.Hold();
        _greedy = new GreedyDecoder(model.Tokens.Marks, model.Tokens.FullStop);
        _encoder = new MoonshineEncoder(weights, Options, (int)(model.Settings.LookAhead.TotalSeconds * SampleRate / FrameSamples));
        _stepper = new MoonshineStepper(weights.Steps, Options);
        _aligner = new MoonshineAligner(_stepper);
    }

    /// <inheritdoc/>
    public override ModelInfo Model => _model.Info;

    /// <inheritdoc/>
    protected override PassResult Recognize(PassRequest pass)
    {
        ReadOnlySpan<float> audio = _model.Check(pass.Audio.Span);
        if (audio.IsEmpty)
        {
            return PassResult.Empty;
        }

        EncodedSpeech? kept = Known(audio, pass);
        try
        {
            PassResult result = Hear(audio, kept ?? Blank(), kept is not null, pass);
            if (kept is not null)
            {
                pass.Memory!.Give(kept, _weights);
            }

            return result;
        }
        catch
        {
            // Half written, it is of no use to the next pass.
            kept?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        _alone.Dispose();
        _weights.LetGo();
    }

    /// <summary>What is known of the speech, or room for it; null where nothing is to be kept.</summary>
    private EncodedSpeech? Known(ReadOnlySpan<float> audio, PassRequest pass)
    {
        return pass.Memory is { } memory && _model.Settings.KeepsSpeech && audio.Length >= MinSamples ? memory.Take<EncodedSpeech>(_weights) ?? new EncodedSpeech() : null;
    }

    private EncodedSpeech Blank()
    {
        _alone.Clear();
        return _alone;
    }

    private PassResult Hear(ReadOnlySpan<float> audio, EncodedSpeech speech, bool isKept, PassRequest pass)
    {
        int known = isKept ? KnownText(audio, speech) : 0;
        float gain = SpeechLevel.GainFor(audio);
        long start;
        pass.Turn?.Take(isStep: false, Options);
        try
        {
            start = Stopwatch.GetTimestamp();
            _encoder.Encode(MoonshineModel.Fill(audio), isKept ? speech.Level(gain) : gain, speech, pass.IsFinal);
        }
        finally
        {
            pass.Turn?.GiveBack();
        }

        long encoded = Stopwatch.GetTimestamp();
        _weights.Steps.Count(1);
        try
        {
            Decode(audio.Length, speech, isKept, known, pass);
        }
        finally
        {
            _weights.Steps.Count(-1);
        }

        IReadOnlyList<WordTime> words = pass.WordTimes ? _aligner.Find(_greedy.Tokens, _greedy.Confidences, _model.Tokens, audio) : [];
        PassResult result = InventedEnd.Cut(_model.Result(_greedy, words, encoded - start, Stopwatch.GetTimestamp() - encoded), _model.Tokens);
        speech.Text.Take(_greedy, result.Tokens.Length, pass.IsFinal);
        return result;
    }

    /// <summary>Samples of the audio that the text known of the speech was heard in; 0 where that text is another audio's.</summary>
    private static int KnownText(ReadOnlySpan<float> audio, EncodedSpeech speech)
    {
        int common = speech.Common(audio);
        if (HeardTokens.GoesOn(common, speech.Count))
        {
            return common;
        }

        speech.Text.Clear();
        return 0;
    }

    private void Decode(int samples, EncodedSpeech speech, bool isKept, int known, PassRequest pass)
    {
        int cap = _model.TokensIn(samples);
        ReadOnlySpan<int> draft = Model.CanCheckDrafts ? pass.Draft.Span : [];
        draft = draft[..Math.Min(draft.Length, cap)];
        int settled = pass.IsFinal || pass.WordTimes ? 0 : speech.Text.Settled(draft);
        speech.Text.Truncate(settled);
        _stepper.Begin(speech, isWatched: pass.WordTimes, pass.Turn);
        bool goesOn = isKept && !pass.IsFinal && !draft.IsEmpty;

        // New audio holds only so many words. What goes on after them is made up, and would be taken back by the next pass.
        int most = goesOn && known > 0 ? draft.Length + _model.TokensIn(samples - known) : int.MaxValue;
        float least = goesOn ? _model.Settings.LeastConfidence : 0;
        _greedy.Run(_stepper, [Start], draft, End, cap, speech.Text.Confidences(settled), most, least, speech.Text.Believed);
    }
}
