using System.Numerics.Tensors;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>Smart Turn v3: a classifier over Whisper's features of the last 8 s. One graph for all judges.</summary>
public sealed class SmartTurn : ITurnCompletionModel
{
    private const int Bands = 80;
    private const int Frames = 800;
    private const int Window = Frames * LogMel.Hop;
    private readonly OrtSession _session;

    /// <summary>Loads the graph.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <exception cref="OnnxException">It is missing, damaged, or another graph.</exception>
    public SmartTurn(string path)
    {
        _session = OrtSession.Load(path);
        try
        {
            using var judge = CreateJudge();
            _ = judge.Judge([], 0);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int MaxSamples => Window;

    /// <inheritdoc/>
    public ITurnCompletion CreateJudge() => new Judgement(_session);

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private sealed class Judgement : ITurnCompletion
    {
        private const float LeastVariance = 1e-7f;
        private readonly LogMel _features = new(Bands);
        private readonly float[] _window = new float[Window];
        private readonly OrtTensor _input = new(OrtElementType.Float, [1, Bands, Frames]);
        private readonly OrtTensor _complete = new(OrtElementType.Float, [1, 1]);
        private readonly OrtCall _call;

        public Judgement(OrtSession session)
        {
            _call = new OrtCall(session, ["input_features"], [session.Outputs[0].Name]);
            _call.SetInput(0, _input);
            _call.SetOutput(0, _complete);
        }

        public float Judge(ReadOnlySpan<float> audio, int silence)
        {
            // The end of what was said lies at the end of the window; the model was trained with the padding in front.
            var end = Window - Math.Clamp(silence, 0, Window);
            var heard = audio[^Math.Min(audio.Length, end)..];
            _window.AsSpan(0, end - heard.Length).Clear();
            heard.CopyTo(_window.AsSpan(end - heard.Length));
            _window.AsSpan(end).Clear();
            Normalize(_window);
            _features.Compute(_window, Frames, _input.Span<float>());
            _call.Run();
            return _complete.Span<float>()[0];
        }

        public void Dispose()
        {
            _call.Dispose();
            _input.Dispose();
            _complete.Dispose();
        }

        private static void Normalize(Span<float> samples)
        {
            var mean = TensorPrimitives.Sum<float>(samples) / samples.Length;
            TensorPrimitives.Subtract(samples, mean, samples);
            var variance = TensorPrimitives.SumOfSquares<float>(samples) / samples.Length;
            TensorPrimitives.Multiply(samples, 1 / MathF.Sqrt(variance + LeastVariance), samples);
        }
    }
}
