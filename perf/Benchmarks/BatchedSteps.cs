using System.Diagnostics;
using System.Globalization;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>
/// What it saves to step several speakers in one call of the decoder, each with audio and tokens of its own length. Time of this thread, alone and while another thread does the same.
/// </summary>
internal static class BatchedSteps
{
    private const int SampleRate = 16000;
    private const int Past = 24;
    private const int Rounds = 60;

    public static void Run(TextWriter output)
    {
        using MoonshineModel model = MoonshineModel.Load();
        output.WriteLine("time of a step, ms a speaker (against one speaker a call); medians");
        foreach (bool isShared in (bool[])[false, true])
        {
            output.WriteLine(isShared ? "both cores at it:" : "one core at it:");
            using var stop = new CancellationTokenSource();
            Thread? other = isShared ? new Thread(() => Burn(model, stop.Token)) : null;
            other?.Start();
            foreach (int seconds in (int[])[4, 11])
            {
                foreach (int tokens in (int[])[1, 2, 6])
                {
                    Measure(output, model, seconds, tokens);
                }
            }

            stop.Cancel();
            other?.Join();
        }
    }

    private static void Burn(MoonshineModel model, CancellationToken stop)
    {
        using var batch = new Batch(model, 1, 4, 1);
        while (!stop.IsCancellationRequested)
        {
            batch.Step();
        }
    }

    private static void Measure(TextWriter output, MoonshineModel model, int seconds, int tokens)
    {
        int[] speakers = [1, 2, 4, 8];
        Batch[] batches = [.. speakers.Select(count => new Batch(model, count, seconds, tokens))];
        List<double>[] times = [.. speakers.Select(_ => new List<double>())];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < batches.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                batches[i].Step();
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / speakers[i]);
            }
        }

        double[] medians = [.. times.Select(list => list.Order().ElementAt(list.Count / 2))];
        string line = string.Join(
            "; ",
            speakers.Select((count, i) => string.Create(CultureInfo.InvariantCulture, $"{count} together {medians[i]:F2} ({medians[i] / medians[0]:P0})")));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  about {seconds} s of audio, {tokens} tokens each: {line}"));
        Array.ForEach(batches, batch => batch.Dispose());
    }

    private sealed class Batch : IDisposable
    {
        private readonly OrtRunOptions _options = new();
        private readonly MoonshineDecoder _decoder;
        private readonly EncodedSpeech[] _speeches;
        private readonly TokenFeed[] _feeds;
        private readonly int[] _tokens;
        private readonly int[] _next;
        private readonly float[] _confidences;

        public Batch(MoonshineModel model, int speakers, int seconds, int tokens)
        {
            var encoder = new MoonshineEncoder(model.Weights!, _options, lookAhead: 0);
            _decoder = new MoonshineDecoder(model.Weights!);
            float[] audio = CheckClip.Load();
            _speeches = new EncodedSpeech[speakers];
            for (int i = 0; i < speakers; i++)
            {
                _speeches[i] = new EncodedSpeech();
                encoder.Encode(audio.AsSpan(0, Math.Min(audio.Length, (seconds * SampleRate) - (i * SampleRate / 4))), 1, _speeches[i]);
            }

            _tokens = [.. Enumerable.Repeat(300, speakers * Math.Max(Past, tokens))];
            _next = new int[_tokens.Length];
            _confidences = new float[_tokens.Length];
            _feeds = [.. _speeches.Select(speech => new TokenFeed(speech, tokens, null))];
            _decoder.Run([.. _speeches.Select(speech => new TokenFeed(speech, Past, null))], _tokens.AsSpan(0, speakers * Past), _next, _confidences);
        }

        public void Step()
        {
            _decoder.Run(_feeds, _tokens.AsSpan(0, _feeds.Length * _feeds[0].Tokens), _next, _confidences);
            foreach (EncodedSpeech speech in _speeches)
            {
                speech.Text.Truncate(Past);
            }
        }

        public void Dispose()
        {
            Array.ForEach(_speeches, speech => speech.Dispose());
            _decoder.Dispose();
            _options.Dispose();
        }
    }
}
