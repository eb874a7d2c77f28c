using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Onnx;
using BenchmarkDotNet.Attributes;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>Moonshine's encoder and decoder, in code of our own and as shipped, on one thread. Budget: encoder 12 ms a second of audio, step 3 ms and 0 B.</summary>
[MemoryDiagnoser]
public class MoonshineBenchmarks : IDisposable
{
    private const int SampleRate = 16000;
    private const int StepsBefore = 20;

    private readonly int[] _next = new int[32];
    private readonly float[] _confidences = new float[32];
    private readonly int[] _tokens = [.. Enumerable.Repeat(300, 24)];
    private readonly OrtRunOptions _options = new();
    private readonly EncodedSpeech _speech = new();
    private float[] _audio = [];
    private MoonshineModel? _model;
    private MoonshineEncoder? _encoder;
    private ShippedGraphs? _graphs;
    private ShippedEncoder? _shippedEncoder;
    private ITokenStepper? _stepper;

    [Params(true, false)]
    public bool Own { get; set; }

    [Params(1, 4, 11)]
    public int Seconds { get; set; }

    [GlobalSetup]
    public void Load()
    {
        _audio = CheckClip.Load()[..(Seconds * SampleRate)];
        if (Own)
        {
            _model = MoonshineModel.Load();
            _encoder = new MoonshineEncoder(_model.Weights!, _options, lookAhead: 0);
            var stepper = new MoonshineStepper(_model.Weights!.Steps, _options);
            stepper.Begin(_speech);
            _stepper = stepper;
        }
        else
        {
            string folder = Path.Combine(ModelLocator.Root(), MoonshineModel.DefaultFolder);
            _graphs = ShippedGraphs.Load(Path.Combine(folder, "encoder_model.onnx"), Path.Combine(folder, "decoder_model_merged.onnx"));
            _shippedEncoder = new ShippedEncoder(_graphs.Encoder, _options);
            var stepper = new MergedStepper(new MergedGraph(_graphs.Decoder), _shippedEncoder.Hidden, new LikeliestToken(), _options);
            stepper.Begin(64);
            _stepper = stepper;
        }

        Encode();
        _stepper.Step([MoonshineShape.Start, .. _tokens.AsSpan(0, StepsBefore - 1)], _next, _confidences);
    }

    [Benchmark]
    public void Encode()
    {
        if (_encoder is null)
        {
            _shippedEncoder!.Encode(_audio);
            return;
        }

        // Keeps what was decoded, which the steps go on from.
        _speech.Forget();
        _encoder.Encode(_audio, 1, _speech);
    }

    [Benchmark]
    public void Step_of_one_token() => Step(1);

    [Benchmark]
    public void Step_of_12_tokens() => Step(12);

    [Benchmark]
    public void Step_of_24_tokens() => Step(24);

    [GlobalCleanup]
    public void Dispose()
    {
        _speech.Dispose();
        _model?.Dispose();
        (_stepper as MergedStepper)?.Dispose();
        _shippedEncoder?.Dispose();
        _graphs?.Dispose();
        _options.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Step(int count)
    {
        _stepper!.Step(_tokens.AsSpan(0, count), _next, _confidences);
        _stepper.Truncate(StepsBefore);
    }
}
