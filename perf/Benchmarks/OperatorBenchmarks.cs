using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Operators;
using BenchmarkDotNet.Attributes;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>The chain before voice activity, for a 20 ms frame of 16 kHz; budget 10 us and 0 B.</summary>
[MemoryDiagnoser]
public class OperatorBenchmarks : IAudioSink, IDisposable
{
    private const int Frame = 320;
    private readonly float[] _speech = Tone.Voice(Frame * 50, 16_000);
    private readonly OperatorChain _empty = Make();
    private readonly OperatorChain _highPass = Make("high-pass");
    private readonly OperatorChain _three = Make("high-pass", "agc", "gain");
    private int _next;

    [Benchmark(Baseline = true)]
    public void No_operators() => Run(_empty);

    [Benchmark]
    public void High_pass() => Run(_highPass);

    [Benchmark]
    public void High_pass_automatic_gain_and_gain() => Run(_three);

    void IAudioSink.Samples(ReadOnlySpan<float> pcm)
    {
    }

    void IAudioSink.Silence(long count)
    {
    }

    public void Dispose()
    {
        _empty.Dispose();
        _highPass.Dispose();
        _three.Dispose();
        GC.SuppressFinalize(this);
    }

    private static OperatorChain Make(params string[] types)
    {
        var chain = new OperatorChain(new OperatorCatalog(), new OperatorHost("sess_bench", new TranscriptEventLog(), TimeProvider.System));
        chain.Use([.. types.Select(static type => new OperatorSetting(type, new Dictionary<string, double>()))]);
        return chain;
    }

    private void Run(OperatorChain chain)
    {
        chain.Process(_speech.AsSpan(_next * Frame, Frame), AudioDoor.Opus, this);
        _next = (_next + 1) % 50;
    }
}
