using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Onnx;
using BenchmarkDotNet.Attributes;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>Moonshine's two graphs, as shipped and prepared, on one thread. Budget: encoder 12 ms a second of audio, step 4 ms and 0 B.</summary>
[MemoryDiagnoser]
public class MoonshineBenchmarks : IDisposable
{
    private const int SampleRate = 16000;
    private const int StepsBefore = 20;

    private readonly int[] _next = new int[32];
    private readonly float[] _confidences = new float[32];
    private readonly int[] _tokens = [.. Enumerable.Repeat(300, 24)];
    private float[] _audio = [];
    private MoonshineModel? _model;
    private OrtRunOptions? _options;
    private MoonshineContext? _context;

    [Params(true, false)]
    public bool Prepared { get; set; }

    [Params(1, 4, 11)]
    public int Seconds { get; set; }

    [GlobalSetup]
    public void Load()
    {
        _audio = CheckClip.Load()[..(Seconds * SampleRate)];
        _model = MoonshineModel.Load(new MoonshineSettings { UsePreparedGraphs = Prepared });
        _options = new OrtRunOptions();
        _context = _model.MakeContext(_options);
        _context.Encoder.Encode(_audio);
        _context.Decoder.Begin(64);
        _context.Decoder.Step([MoonshineShape.Start, .. _tokens.AsSpan(0, StepsBefore - 1)], _next, _confidences);
    }

    [Benchmark]
    public void Encode() => _context!.Encoder.Encode(_audio);

    [Benchmark]
    public void Step_of_one_token() => Step(1);

    [Benchmark]
    public void Step_of_12_tokens() => Step(12);

    [Benchmark]
    public void Step_of_24_tokens() => Step(24);

    [GlobalCleanup]
    public void Dispose()
    {
        _context?.Dispose();
        _options?.Dispose();
        _model?.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Step(int count)
    {
        _context!.Decoder.Step(_tokens.AsSpan(0, count), _next, _confidences);
        _context.Decoder.Truncate(StepsBefore);
    }
}
