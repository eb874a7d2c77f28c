using System.Diagnostics;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.PoolBench;

/// <summary>A kind of work that providers do, and how many of them may do it at once.</summary>
internal sealed class Service(string name, int providers, IRecognizerModel model, float[] audio) : IDisposable
{
    private const int SampleRate = 16_000;
    private const int ClipSeconds = 4;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(40);

    public string Name { get; } = name;

    public int Providers { get; } = providers;

    public IRecognizerModel Model { get; } = model;

    public PassRequest Request { get; } = new() { Audio = audio, IsFinal = true };

    /// <summary>The real thing: a whole greedy pass over four seconds of speech, on one thread.</summary>
    public static Service Moonshine()
    {
        var clip = new SpeechClip(SharedData.Bundled("jfk.wav"), "").Samples();
        return new Service("Moonshine tiny, 4 s of speech", Environment.ProcessorCount, MoonshineModel.Load(), clip[..(ClipSeconds * SampleRate)]);
    }

    /// <summary>As many steps as take 40 ms on a core of its own: sharing the core makes it longer.</summary>
    public static Service Spin()
    {
        var steps = 1_000_000L;
        var quickest = double.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var start = Stopwatch.GetTimestamp();
            _ = Turn(steps);
            quickest = Math.Min(quickest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        steps = (long)(steps * Wait.TotalSeconds / quickest);
        return new Service("spin, 40 ms of a core", Environment.ProcessorCount, new WorkModel(() => Turn(steps)), new float[SampleRate]);
    }

    /// <summary>Waits for 40 ms, as a provider does that asks another machine.</summary>
    public static Service Waiting() => new("waits 40 ms for another machine", 8, new WorkModel(static () =>
    {
        Thread.Sleep(Wait);
        return 0;
    }), new float[SampleRate]);

    public void Dispose() => Model.Dispose();

    private static long Turn(long steps)
    {
        var value = 1L;
        for (var i = 0L; i < steps; i++)
        {
            value = (value * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407;
        }

        return value;
    }
}

/// <summary>A model whose passes only take time.</summary>
internal sealed class WorkModel(Func<long> work) : IRecognizerModel
{
    public ModelInfo Info { get; } = new() { Name = "work", Languages = ["en"], MaxSamples = 16_000 * 30 };

    public IRecognizer CreateRecognizer() => new Recognizer(this, work);

    public string Decode(ReadOnlySpan<int> tokens) => "";

    public ReadOnlySpan<byte> TokenBytes(int token) => default;

    public void Dispose()
    {
    }

    private sealed class Recognizer(WorkModel model, Func<long> work) : IRecognizer
    {
        private long _result;

        public ModelInfo Model => model.Info;

        public PassResult Run(PassRequest pass)
        {
            _result = work();
            return PassResult.Empty;
        }

        public void Terminate() => Volatile.Write(ref _result, 0);

        public void Dispose()
        {
        }
    }
}
