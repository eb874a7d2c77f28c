using System.Diagnostics;
using System.Globalization;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>
/// What it would save to step several speakers in one call of the decoder: the best case, in which all have the same lengths and their caches
/// lie together already. Processor time of the process, so that a busy machine moves it little.
/// </summary>
internal static class BatchedSteps
{
    private const int Past = 24;
    private const int Rounds = 15;
    private const int CallsARound = 12;

    public static void Run(TextWriter output)
    {
        string path = Path.Combine(Path.GetTempPath(), $"asrhub-decoder-{Guid.NewGuid():N}.onnx");
        SourceGraph source = SourceGraph.Load(ModelLocator.File("moonshine-tiny/decoder_model_merged.onnx"));
        PreparedFile.Publish(PreparedFile.WriteAside(MoonshineDecoderGraph.Build(source, ProcessorFeatures.SignedWeightsAreExact), path), path);
        try
        {
            using OrtSession session = OrtSession.Load(path);
            output.WriteLine("processor time of a step, ms a speaker (against one speaker a call)");
            foreach (int frames in (int[])[150, 457])
            {
                foreach (int tokens in (int[])[2, 12])
                {
                    Measure(output, session, frames, tokens);
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Measure(TextWriter output, OrtSession session, int frames, int tokens)
    {
        int[] speakers = [1, 2, 4, 8];
        Batch[] batches = [.. speakers.Select(count => new Batch(session, count, frames, tokens))];
        List<double>[] times = [.. speakers.Select(_ => new List<double>())];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < batches.Length; i++)
            {
                times[i].Add(batches[i].Time() / speakers[i]);
            }
        }

        double[] medians = [.. times.Select(list => list.Order().ElementAt(list.Count / 2))];
        string line = string.Join(
            "; ",
            speakers.Select((count, i) => string.Create(CultureInfo.InvariantCulture, $"{count} together {medians[i]:F2} ({medians[i] / medians[0]:P0})")));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{frames} positions, {tokens} tokens each: {line}"));
        Array.ForEach(batches, batch => batch.Dispose());
    }

    private sealed class Batch : IDisposable
    {
        private readonly List<OrtTensor> _tensors = [];
        private readonly OrtCall _call;

        public Batch(OrtSession session, int speakers, int frames, int tokens)
        {
            string[] outputs = [.. session.Outputs.Select(info => info.Name).Where(name => !name.StartsWith("query", StringComparison.Ordinal))];
            _call = new OrtCall(session, [.. session.Inputs.Select(info => info.Name)], outputs);
            var random = new Random(1);
            for (int i = 0; i < session.Inputs.Count; i++)
            {
                OrtValueInfo info = session.Inputs[i];
                bool isCross = info.Name.Contains("encoder", StringComparison.Ordinal);
                OrtTensor tensor = Make(info.Type, info.Name == "input_ids" ? [speakers, tokens] : [speakers, Heads, isCross ? frames : Past, HeadWidth]);
                _call.SetInput(i, tensor);
                Fill(tensor, random);
            }

            for (int i = 0; i < outputs.Length; i++)
            {
                bool isCache = outputs[i].StartsWith("present", StringComparison.Ordinal);
                _call.SetOutput(i, Make(outputs[i] == "next" ? OrtElementType.Int64 : OrtElementType.Float, isCache ? [speakers, Heads, Past + tokens, HeadWidth] : [speakers, tokens]));
            }

            _call.Run();
        }

        /// <summary>Milliseconds of processor time of a call.</summary>
        public double Time()
        {
            using var process = Process.GetCurrentProcess();
            TimeSpan before = process.TotalProcessorTime;
            for (int i = 0; i < CallsARound; i++)
            {
                _call.Run();
            }

            process.Refresh();
            return (process.TotalProcessorTime - before).TotalMilliseconds / CallsARound;
        }

        public void Dispose()
        {
            _call.Dispose();
            _tensors.ForEach(tensor => tensor.Dispose());
        }

        private OrtTensor Make(OrtElementType type, long[] shape)
        {
            var tensor = new OrtTensor(type, shape);
            _tensors.Add(tensor);
            return tensor;
        }

        private static void Fill(OrtTensor tensor, Random random)
        {
            for (int i = 0; i < tensor.Length; i++)
            {
                if (tensor.Type == OrtElementType.Int64)
                {
                    tensor.Span<long>()[i] = random.Next(300, 30000);
                }
                else
                {
                    tensor.Span<float>()[i] = random.NextSingle() - 0.5f;
                }
            }
        }
    }
}
