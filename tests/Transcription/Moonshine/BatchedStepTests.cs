using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

public sealed class BatchedStepTests : IDisposable
{
    private const int Frames = 83;
    private const int Past = 9;
    private const int Tokens = 3;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"asrhub-decoder-{Guid.NewGuid():N}.onnx");

    public BatchedStepTests()
    {
        SourceGraph source = SourceGraph.Load(ModelLocator.File("moonshine-tiny/decoder_model_merged.onnx"));
        PreparedFile.Publish(PreparedFile.WriteAside(MoonshineDecoderGraph.Build(source, ProcessorFeatures.SignedWeightsAreExact), _path), _path);
    }

    public void Dispose()
    {
        File.Delete(_path);
    }

    [Fact]
    public void Speakers_who_share_a_call_do_not_hear_each_other()
    {
        using OrtSession session = OrtSession.Load(_path);
        using var together = new Call(session, [1, 2, 3]);
        together.Run();
        for (int speaker = 0; speaker < 3; speaker++)
        {
            using var alone = new Call(session, [speaker + 1]);
            alone.Run();

            Assert.Equal(alone.Next(0), together.Next(speaker));
            Assert.Equal(alone.Confidences(0), together.Confidences(speaker));
        }

        Assert.NotEqual(together.Next(0), together.Next(1));
    }

    /// <summary>A step with made-up caches and tokens, the same for a seed whoever else is in the call.</summary>
    private sealed class Call : IDisposable
    {
        private readonly List<OrtTensor> _tensors = [];
        private readonly OrtCall _call;

        public Call(OrtSession session, int[] seeds)
        {
            _call = new OrtCall(session, [.. session.Inputs.Select(info => info.Name)], [.. session.Outputs.Select(info => info.Name)]);
            for (int i = 0; i < session.Inputs.Count; i++)
            {
                OrtValueInfo info = session.Inputs[i];
                bool isCross = info.Name.Contains("encoder", StringComparison.Ordinal);
                long[] shape = info.Name == "input_ids"
                    ? [seeds.Length, Tokens]
                    : [seeds.Length, MoonshineShape.Heads, isCross ? Frames : Past, MoonshineShape.HeadWidth];
                var tensor = new OrtTensor(info.Type, shape);
                _tensors.Add(tensor);
                _call.SetInput(i, tensor);
                Fill(tensor, seeds, i);
            }
        }

        public void Run()
        {
            _call.Run();
        }

        public long[] Next(int speaker)
        {
            return _call.OutputSpan<long>(0).Slice(speaker * Tokens, Tokens).ToArray();
        }

        public float[] Confidences(int speaker)
        {
            return _call.OutputSpan<float>(1).Slice(speaker * Tokens, Tokens).ToArray();
        }

        public void Dispose()
        {
            _call.Dispose();
            _tensors.ForEach(tensor => tensor.Dispose());
        }

        private static void Fill(OrtTensor tensor, int[] seeds, int input)
        {
            int each = tensor.Length / seeds.Length;
            for (int speaker = 0; speaker < seeds.Length; speaker++)
            {
                var random = new Random((seeds[speaker] * 100) + input);
                for (int i = speaker * each; i < (speaker + 1) * each; i++)
                {
                    if (tensor.Type == OrtElementType.Int64)
                    {
                        tensor.Span<long>()[i] = random.Next(300, 30000);
                    }
                    else
                    {
                        tensor.Span<float>()[i] = (random.NextSingle() - 0.5f) * seeds[speaker] * 4;
                    }
                }
            }
        }
    }
}
