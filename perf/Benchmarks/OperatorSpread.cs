using System.Diagnostics;
using System.Globalization;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Operators;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>How well the chains of many sessions spread over the cores: each chain runs frame by frame, and the sessions side by side.</summary>
internal static class OperatorSpread
{
    private const int Frame = 320;
    private const int Frames = 50;
    private const int Sessions = 8;
    private const int Seconds = 200;
    private const int Rounds = 9;

    public static void Run(TextWriter output)
    {
        var speech = Tone.Voice(Frame * Frames, 16_000);
        OperatorChain[] chains = [.. Enumerable.Range(0, Sessions).Select(static _ => Make())];
        var one = new List<double>();
        var all = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            // In turns, so that the rest of the machine falls on both; the first compiles the code.
            one.Add(Time(1));
            all.Add(Time(Environment.ProcessorCount));
        }

        var speedUp = Median(one[1..]) / Median(all[1..]);
        var efficiency = speedUp / Math.Min(Environment.ProcessorCount, Sessions);
        var frame = Median(one[1..]) * 1e6 / (Sessions * Seconds * Frames);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Sessions} sessions, high-pass, automatic gain and gain: {frame:0.00} us a frame of 20 ms; {Environment.ProcessorCount} threads {speedUp:0.00} times as fast as one, efficiency {efficiency:P0}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"frame_us":{{frame:0.000}},"speedup":{{speedUp:0.000}},"efficiency":{{efficiency:0.000}}}"""));
        foreach (var chain in chains)
        {
            chain.Dispose();
        }

        double Time(int threads)
        {
            var start = Stopwatch.GetTimestamp();
            Parallel.For(0, Sessions, new ParallelOptions { MaxDegreeOfParallelism = threads }, session =>
            {
                for (var i = 0; i < Seconds * Frames; i++)
                {
                    chains[session].Process(speech.AsSpan(i % Frames * Frame, Frame), AudioDoor.Opus, Nowhere.Sink);
                }
            });
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static OperatorChain Make()
    {
        var chain = new OperatorChain(new OperatorCatalog(), new OperatorHost("sess_bench", new TranscriptEventLog(), TimeProvider.System));
        chain.Use([.. new[] { "high-pass", "agc", "gain" }.Select(static type => new OperatorSetting(type, new Dictionary<string, double>()))]);
        return chain;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private sealed class Nowhere : IAudioSink
    {
        public static readonly Nowhere Sink = new();

        public void Samples(ReadOnlySpan<float> pcm)
        {
        }

        public void Silence(long count)
        {
        }
    }
}
