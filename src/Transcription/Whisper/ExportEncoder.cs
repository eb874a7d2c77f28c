using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The encoder graph as it was exported.</summary>
internal sealed class ExportEncoder : IWhisperEncoder
{
    private static readonly string[] InputNames = ["input_features"];
    private static readonly string[] OutputNames = ["last_hidden_state"];

    private readonly LogMel _features;
    private readonly OrtRunOptions _options;
    private readonly OrtCall _call;
    private readonly OrtTensor _input;
    private readonly long[] _inputShape;
    private readonly long[] _outputShape;

    /// <summary>Makes one.</summary>
    /// <param name="session">The graph.</param>
    /// <param name="config">Its measures.</param>
    /// <param name="options">By which a call is ended.</param>
    public ExportEncoder(OrtSession session, WhisperConfig config, OrtRunOptions options)
    {
        _options = options;
        _features = new LogMel(config.NumMelBins);
        _inputShape = [1, config.NumMelBins, 0];
        _outputShape = [1, 0, config.DModel];
        _call = new OrtCall(session, InputNames, OutputNames);
        _input = new OrtTensor(OrtElementType.Float, _inputShape);
        Output = new OrtTensor(OrtElementType.Float, _outputShape);
        _call.SetInput(0, _input);
        _call.SetOutput(0, Output);
    }

    /// <summary>What was encoded last, [1, frames / 2, width].</summary>
    public OrtTensor Output { get; }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<float> audio, AudioWindow window, WhisperSpeech? speech = null, bool isFinal = false)
    {
        int frames = window.Frames;
        _inputShape[2] = frames;
        _outputShape[1] = window.Dense;
        _input.SetShape(_inputShape);
        Output.SetShape(_outputShape);
        _features.Compute(audio, frames, _input.Span<float>());
        _call.Run(_options);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _input.Dispose();
        Output.Dispose();
    }
}
