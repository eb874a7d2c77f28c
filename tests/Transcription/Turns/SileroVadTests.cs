using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Turns;

public sealed class SileroVadTests
{
    private const int Window = IVoiceActivityDetector.WindowSamples;
    private const int Context = 64;

    [ModelFact]
    public void What_it_says_is_what_the_graph_says()
    {
        using var vad = new SileroVad();
        using var detector = vad.CreateDetector();
        using var graph = new Graph();

        // The detector begins with a little silence behind it.
        for (var i = 0; i < 8; i++)
        {
            _ = graph.Detect(new float[Window]);
        }

        graph.ForgetSamples();
        foreach (var clip in SpeechClip.Load(SharedData.Bundled("manifest.jsonl")))
        {
            var samples = clip.Samples();
            for (var at = 0; at + Window <= samples.Length; at += Window)
            {
                Assert.Equal(graph.Detect(samples.AsSpan(at, Window)), detector.Detect(samples.AsSpan(at, Window)), 1e-4);
            }
        }
    }

    [ModelFact]
    public void A_detector_that_was_reset_says_what_a_new_one_says_and_outlives_the_model()
    {
        var vad = new SileroVad();
        using var used = vad.CreateDetector();
        using var fresh = vad.CreateDetector();
        vad.Dispose();
        var samples = SpeechClip.Load(SharedData.Bundled("manifest.jsonl"))[0].Samples();
        Listen(used, samples);

        used.Reset();

        Assert.Equal(Listen(fresh, samples), Listen(used, samples));
    }

    [ModelFact]
    public void Listening_allocates_nothing()
    {
        using var vad = new SileroVad();
        using var detector = vad.CreateDetector();
        var window = new float[Window];
        _ = detector.Detect(window);

        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = detector.Detect(window);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_file_that_is_missing_is_named() =>
        Assert.Contains("/no/such.onnx", Assert.Throws<RecognizerException>(static () => new SileroVad("/no/such.onnx")).Message, StringComparison.Ordinal);

    [ModelFact]
    public void Another_graph_is_refused() =>
        Assert.Contains("forward_basis", Assert.Throws<RecognizerException>(static () => new SileroVad(ModelLocator.File("moonshine-tiny/encoder_model.onnx"))).Message, StringComparison.Ordinal);

    private static float[] Listen(IVoiceActivityDetector detector, float[] samples)
    {
        var heard = new float[samples.Length / Window];
        for (var i = 0; i < heard.Length; i++)
        {
            heard[i] = detector.Detect(samples.AsSpan(i * Window, Window));
        }

        return heard;
    }

    /// <summary>The graph on ONNX Runtime.</summary>
    private sealed class Graph : IDisposable
    {
        private readonly OrtSession _session = OrtSession.Load(ModelLocator.File("silero-vad/silero_vad_v5.onnx"));
        private readonly OrtTensor _input = new(OrtElementType.Float, [1, Context + Window]);
        private readonly OrtTensor _rate = new(OrtElementType.Int64, []);
        private readonly OrtTensor _speech = new(OrtElementType.Float, [1, 1]);
        private readonly OrtCall _call;
        private OrtTensor _before = new(OrtElementType.Float, [2, 1, 128]);
        private OrtTensor _after = new(OrtElementType.Float, [2, 1, 128]);

        public Graph()
        {
            _call = new OrtCall(_session, ["input", "state", "sr"], ["output", "stateN"]);
            _rate.Span<long>()[0] = 16_000;
            _call.SetInput(0, _input);
            _call.SetInput(2, _rate);
            _call.SetOutput(0, _speech);
        }

        public float Detect(ReadOnlySpan<float> window)
        {
            var input = _input.Span<float>();
            input[Window..].CopyTo(input);
            window.CopyTo(input[Context..]);
            _call.SetInput(1, _before);
            _call.SetOutput(1, _after);
            _call.Run();
            (_before, _after) = (_after, _before);
            return _speech.Span<float>()[0];
        }

        public void ForgetSamples() => _input.Span<float>().Clear();

        public void Dispose()
        {
            foreach (var each in (IDisposable[])[_call, _input, _rate, _speech, _before, _after, _session])
            {
                each.Dispose();
            }
        }
    }
}
