using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>Silero VAD v5: one graph for all streams, a few kilobytes of state for each.</summary>
public sealed class SileroVad : IVoiceActivityModel
{
    // The graph wants the end of the window before as well; without it onsets are missed, and no error says so.
    private const int Context = 64;
    private const int StateSize = 128;

    // From a state of zeros the graph doubts quiet voices for seconds; after a little silence it does not.
    private const int SettleWindows = 8;
    private readonly OrtSession _session;
    private readonly float[] _settled = new float[2 * StateSize];

    /// <summary>Loads the graph.</summary>
    /// <param name="path">The ONNX file; null for the one that <c>models/install</c> put in place.</param>
    /// <exception cref="OnnxException">The file is missing or damaged.</exception>
    public SileroVad(string? path = null)
    {
        _session = OrtSession.Load(path ?? ModelLocator.File("silero-vad/silero_vad_v5.onnx"));
        using var detector = new Detector(_session, _settled);
        var silence = new float[IVoiceActivityDetector.WindowSamples];
        for (var i = 0; i < SettleWindows; i++)
        {
            _ = detector.Detect(silence);
        }

        detector.CopyState(_settled);
    }

    /// <inheritdoc/>
    public IVoiceActivityDetector CreateDetector() => new Detector(_session, _settled);

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private sealed class Detector : IVoiceActivityDetector
    {
        private readonly OrtTensor _input = new(OrtElementType.Float, [1, Context + IVoiceActivityDetector.WindowSamples]);
        private readonly OrtTensor _rate = new(OrtElementType.Int64, []);
        private readonly OrtTensor _speech = new(OrtElementType.Float, [1, 1]);
        private readonly OrtCall _call;
        private readonly float[] _settled;
        private OrtTensor _before = new(OrtElementType.Float, [2, 1, StateSize]);
        private OrtTensor _after = new(OrtElementType.Float, [2, 1, StateSize]);

        public Detector(OrtSession session, float[] settled)
        {
            _settled = settled;
            _call = new OrtCall(session, ["input", "state", "sr"], ["output", "stateN"]);
            _rate.Span<long>()[0] = 16_000;
            _call.SetInput(0, _input);
            _call.SetInput(2, _rate);
            _call.SetOutput(0, _speech);
            Reset();
        }

        public float Detect(ReadOnlySpan<float> window)
        {
            var input = _input.Span<float>();
            input[IVoiceActivityDetector.WindowSamples..].CopyTo(input);
            window.CopyTo(input[Context..]);
            _call.SetInput(1, _before);
            _call.SetOutput(1, _after);
            _call.Run();
            (_before, _after) = (_after, _before);
            return _speech.Span<float>()[0];
        }

        public void Reset()
        {
            _input.Span<float>().Clear();
            _settled.CopyTo(_before.Span<float>());
        }

        public void CopyState(float[] state) => _before.Span<float>().CopyTo(state);

        public void Dispose()
        {
            _call.Dispose();
            _input.Dispose();
            _rate.Dispose();
            _speech.Dispose();
            _before.Dispose();
            _after.Dispose();
        }
    }
}
