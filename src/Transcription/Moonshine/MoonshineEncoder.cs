using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Runs the prepared encoder graph, which gives keys and values for all layers.</summary>
internal sealed class MoonshineEncoder : IMoonshineEncoder
{
    private readonly OrtRunOptions _options;
    private readonly CrossAttention _cross;
    private readonly OrtCall _call;
    private readonly long[] _shape = [1, 0];
    private readonly OrtTensor _audio;

    public MoonshineEncoder(OrtSession session, CrossAttention cross, OrtRunOptions options)
    {
        _options = options;
        _cross = cross;
        _audio = new OrtTensor(OrtElementType.Float, _shape);
        _call = new OrtCall(session, ["input_values"], CrossAttention.Names);
        _call.SetInput(0, _audio);
        for (int i = 0; i < cross.Count; i++)
        {
            _call.SetOutput(i, cross.Tensor(i));
        }
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<float> audio, int minSamples)
    {
        int samples = Math.Max(audio.Length, minSamples);
        _shape[1] = samples;
        _audio.SetShape(_shape);
        Span<float> input = _audio.Span<float>();
        audio.CopyTo(input);
        input[audio.Length..].Clear();
        _cross.Expect(Frames(samples));
        _call.Run(_options);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _audio.Dispose();
    }
}
