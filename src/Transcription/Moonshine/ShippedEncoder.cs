using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Runs the encoder as it was shipped.</summary>
internal sealed class ShippedEncoder : IDisposable
{
    private readonly OrtRunOptions _options;
    private readonly OrtCall _call;
    private readonly long[] _audioShape = [1, 0];
    private readonly long[] _hiddenShape;
    private readonly OrtTensor _audio;

    public ShippedEncoder(OrtSession session, OrtRunOptions options)
    {
        _options = options;
        _audio = new OrtTensor(OrtElementType.Float, _audioShape);
        _hiddenShape = [1, 0, session.Outputs[0].Shape is [_, _, > 0 and var width] ? width : Width];
        Hidden = new OrtTensor(OrtElementType.Float, _hiddenShape);
        _call = new OrtCall(session, ["input_values"], ["last_hidden_state"]);
        _call.SetInput(0, _audio);
        _call.SetOutput(0, Hidden);
    }

    /// <summary>What the decoder reads.</summary>
    public OrtTensor Hidden { get; }

    /// <summary>Encodes an utterance.</summary>
    /// <param name="audio">Mono samples at 16 kHz, a quarter of a second at least.</param>
    /// <param name="gain">What to multiply them with.</param>
    public void Encode(ReadOnlySpan<float> audio, float gain = 1)
    {
        _audioShape[1] = audio.Length;
        _audio.SetShape(_audioShape);
        SpeechLevel.Copy(audio, gain, _audio.Span<float>());
        _hiddenShape[1] = Frames(audio.Length);
        Hidden.SetShape(_hiddenShape);
        _call.Run(_options);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _audio.Dispose();
        Hidden.Dispose();
    }
}
