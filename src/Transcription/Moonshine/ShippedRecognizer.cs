using System.Diagnostics;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>A decoding context over the graphs as they were shipped: several times slower, and every pass begins from nothing but its draft.</summary>
internal sealed class ShippedRecognizer : ExclusiveRecognizer
{
    private readonly MoonshineModel _model;
    private readonly ShippedEncoder _encoder;
    private readonly MergedStepper _stepper;
    private readonly GreedyDecoder _greedy;

    internal ShippedRecognizer(MoonshineModel model, ShippedGraphs graphs)
    {
        _model = model;
        _greedy = new GreedyDecoder(model.Tokens.Marks, model.Tokens.FullStop);
        _encoder = new ShippedEncoder(graphs.Encoder, Options);
        _stepper = new MergedStepper(new MergedGraph(graphs.Decoder), _encoder.Hidden, new LikeliestToken(), Options);
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

        long start = Stopwatch.GetTimestamp();
        _encoder.Encode(MoonshineModel.Fill(audio), SpeechLevel.GainFor(audio));
        long encoded = Stopwatch.GetTimestamp();
        int cap = _model.TokensIn(audio.Length);
        ReadOnlySpan<int> draft = Model.CanCheckDrafts ? pass.Draft.Span : [];
        draft = draft[..Math.Min(draft.Length, cap)];
        _stepper.Begin(2 + cap + draft.Length);
        _greedy.Run(_stepper, [Start], draft, End, cap);
        return _model.Result(_greedy, [], encoded - start, Stopwatch.GetTimestamp() - encoded);
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        _stepper.Dispose();
        _encoder.Dispose();
    }
}
