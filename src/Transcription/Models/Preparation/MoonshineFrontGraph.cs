using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>
/// Moonshine's first two convolutions as a graph of our own. Between them the model normalises over all of the audio, so that new audio would change
/// every frame. But the second convolution is linear: it is run on what has not been normalised, and scale and mean are applied behind it, by
/// <see cref="MoonshineEncoderGraph"/>. So these two see only new audio. In floats, as the export has them: one scale of bytes for all channels and frames
/// costs endings of words ("American" for "Americans").
/// </summary>
internal static class MoonshineFrontGraph
{
    /// <summary>Channels of the second convolution.</summary>
    public const int Channels = 2 * Width;

    /// <summary>
    /// Input: <c>input_values</c> [1, samples]. Outputs: <c>features</c> [1, frames of the second convolution, channels]; <c>sums</c> and <c>squares</c>
    /// [1, frames of the first convolution], over its channels.
    /// </summary>
    /// <param name="source">The shipped encoder.</param>
    public static ModelProto Build(SourceGraph source)
    {
        var graph = new GraphBuilder("moonshine_front");
        graph.Input("input_values", OrtElementType.Float, "batch", "samples");
        graph.Output("features", OrtElementType.Float, "batch", "features", Channels);
        graph.Output("sums", OrtElementType.Float, "batch", "first_frames");
        graph.Output("squares", OrtElementType.Float, "batch", "first_frames");
        graph.Store("channel_axis", [1L], 1);
        graph.Add("Unsqueeze", ["input_values", "channel_axis"], "samples");
        string x = graph.Add("Tanh", [Convolve(graph, source, "samples", 1, FirstStride)], "tanh");
        graph.Add("ReduceSum", [x, "channel_axis"], "sums", [("keepdims", 0)]);
        graph.Add("ReduceSumSquare", [x, "channel_axis"], "squares", [("keepdims", 0)]);

        (float[] kernel, int[] shape) = Kernel(source, 2);
        float[] weights = source.Floats(source.Node("/groupnorm/Mul").Input[1]);
        for (int i = 0; i < kernel.Length; i++)
        {
            kernel[i] *= weights[i / shape[2] % shape[1]];
        }

        graph.Store("conv2.weight", kernel, shape[0], shape[1], shape[2]);
        x = graph.Add("Conv", [x, "conv2.weight"], "conv2", [("kernel_shape", new long[] { shape[2] }), ("strides", new long[] { SecondStride })]);
        graph.Add("Transpose", [x], "features", [("perm", new long[] { 0, 2, 1 })]);
        return graph.Build();
    }

    /// <summary>
    /// What the second convolution makes of an input of ones (weighed as the norm weighs), and of the norm's bias with its own bias added: by channel, and the
    /// same for all frames, because nothing is padded.
    /// </summary>
    /// <param name="source">The shipped encoder.</param>
    public static (float[] Ones, float[] Biases) Constants(SourceGraph source)
    {
        (float[] kernel, int[] shape) = Kernel(source, 2);
        float[] weights = source.Floats(source.Node("/groupnorm/Mul").Input[1]);
        float[] biases = source.Floats(source.Node("/groupnorm/Add").Input[1]);
        var ones = new float[shape[0]];
        float[] rest = source.Floats("conv2.bias");
        for (int output = 0; output < shape[0]; output++)
        {
            double one = 0;
            double bias = 0;
            for (int input = 0; input < shape[1]; input++)
            {
                double sum = 0;
                for (int tap = 0; tap < shape[2]; tap++)
                {
                    sum += kernel[(((output * shape[1]) + input) * shape[2]) + tap];
                }

                one += sum * weights[input];
                bias += sum * biases[input];
            }

            ones[output] = (float)one;
            rest[output] += (float)bias;
        }

        return (ones, rest);
    }

    /// <summary>Adds a convolution of the export.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="source">The shipped encoder.</param>
    /// <param name="x">What it reads.</param>
    /// <param name="number">Which.</param>
    /// <param name="stride">Its stride.</param>
    public static string Convolve(GraphBuilder graph, SourceGraph source, string x, int number, int stride)
    {
        string name = $"conv{number}";
        (float[] kernel, int[] shape) = Kernel(source, number);
        List<string> inputs = [x, graph.Store(name + ".weight", kernel, shape[0], shape[1], shape[2])];
        if (source.HasTensor(name + ".bias"))
        {
            inputs.Add(graph.Store(name + ".bias", source.Floats(name + ".bias"), shape[0]));
        }

        return graph.Add("Conv", inputs, name, [("kernel_shape", new long[] { shape[2] }), ("strides", new long[] { stride })]);
    }

    private static (float[] Kernel, int[] Shape) Kernel(SourceGraph source, int number)
    {
        string name = $"conv{number}.weight";
        (byte[] steps, int[] shape) = source.Raw(name + "_quantized", OrtElementType.Int8);
        float scale = source.Floats(name + "_scale")[0];
        float offset = source.Floats(name + "_zero_point")[0];
        var kernel = new float[steps.Length];
        for (int i = 0; i < steps.Length; i++)
        {
            kernel[i] = ((sbyte)steps[i] * scale) + offset;
        }

        return (kernel, shape);
    }
}
