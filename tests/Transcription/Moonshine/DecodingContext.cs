using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

/// <summary>Encoder and decoder over a model's weights, without a recognizer around them.</summary>
internal sealed class DecodingContext : IDisposable
{
    private readonly MoonshineEncoder _encoder;

    public DecodingContext(MoonshineModel model)
    {
        _encoder = new MoonshineEncoder(model.Weights!, Options, lookAhead: 0);
        Decoder = new MoonshineDecoder(model.Weights!);
        Stepper = new MoonshineStepper(model.Weights!.Steps, Options);
    }

    public OrtRunOptions Options { get; } = new();

    public MoonshineDecoder Decoder { get; }

    public MoonshineStepper Stepper { get; }

    public EncodedSpeech Speech { get; } = new();

    /// <summary>Encodes audio anew, and makes ready to decode it.</summary>
    public void Encode(ReadOnlySpan<float> audio)
    {
        Speech.Clear();
        _encoder.Encode(audio, 1, Speech);
        Stepper.Begin(Speech);
    }

    /// <summary>Encodes audio, for a call of the decoder with others.</summary>
    public EncodedSpeech Encoded(ReadOnlySpan<float> audio)
    {
        var speech = new EncodedSpeech();
        _encoder.Encode(audio, 1, speech);
        return speech;
    }

    public void Dispose()
    {
        Speech.Dispose();
        Decoder.Dispose();
        Options.Dispose();
    }
}
