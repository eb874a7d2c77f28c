using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Models.Preparation;

namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>The weights of Silero VAD v5 for 16 kHz, read out of its graph.</summary>
internal sealed unsafe class SileroWeights : SharedWeights
{
    /// <summary>Samples that one frame of the spectrum sees.</summary>
    public const int SpectrumTaps = 256;

    /// <summary>Samples from one frame of the spectrum to the next.</summary>
    public const int SpectrumStride = 128;

    /// <summary>Frequencies.</summary>
    public const int Bins = (SpectrumTaps / 2) + 1;

    /// <summary>Numbers of the state, of each of its two parts.</summary>
    public const int State = 128;

    private const int Gates = 4;
    private const int Taps = 3;
    private const string Prefix = "If_0_then_branch__Inline_0__";

    /// <summary>Reads the weights.</summary>
    /// <param name="graph">The graph.</param>
    /// <exception cref="Recognition.RecognizerException">It is another graph.</exception>
    public SileroWeights(SourceGraph graph)
    {
        float[] basis = graph.Floats(Prefix + "stft.forward_basis_buffer");
        Spectrum = Own(new FloatMatrix(SpectrumTaps, SpectrumRoom, (input, output) => output < 2 * Bins ? basis[(output * SpectrumTaps) + input] : 0));
        Convolutions = [.. Enumerable.Range(0, 4).Select(number => ReadConvolution(graph, number))];
        float[] fromInput = graph.Floats(Prefix + "decoder.rnn.weight_ih");
        float[] fromState = graph.Floats(Prefix + "decoder.rnn.weight_hh");
        Recurrent = Own(new FloatMatrix(
            2 * State, Gates * State, (input, output) => input < State ? fromInput[(output * State) + input] : fromState[(output * State) + input - State]));
        RecurrentBias = Store([.. graph.Floats(Prefix + "decoder.rnn.bias_ih").Zip(graph.Floats(Prefix + "decoder.rnn.bias_hh"), static (one, other) => one + other)]);
        Speech = Store(graph.Floats(Prefix + "decoder.decoder.2.weight"));
        SpeechBias = graph.Floats(Prefix + "decoder.decoder.2.bias")[0];
    }

    /// <summary>Numbers that a frame of the spectrum takes: real parts, then imaginary ones, filled up to whole panels.</summary>
    public static int SpectrumRoom => ((2 * Bins) + FloatProduct.PanelWidth - 1) / FloatProduct.PanelWidth * FloatProduct.PanelWidth;

    /// <summary>Samples to a spectrum.</summary>
    public FloatMatrix Spectrum { get; }

    /// <summary>Three frames to one, four times.</summary>
    public (FloatMatrix Kernel, NativeArray<float> Bias)[] Convolutions { get; }

    /// <summary>Input and state to the gates of the recurrent part: in, forget, cell, out.</summary>
    public FloatMatrix Recurrent { get; }

    /// <summary>Added to the gates.</summary>
    public NativeArray<float> RecurrentBias { get; }

    /// <summary>State to whether somebody speaks.</summary>
    public NativeArray<float> Speech { get; }

    /// <summary>Added to that.</summary>
    public float SpeechBias { get; }

    private (FloatMatrix Kernel, NativeArray<float> Bias) ReadConvolution(SourceGraph graph, int number)
    {
        float[] kernel = graph.Floats($"{Prefix}encoder.{number}.reparam_conv.weight");
        float[] bias = graph.Floats($"{Prefix}encoder.{number}.reparam_conv.bias");
        int channels = kernel.Length / bias.Length / Taps;
        return (
            Own(new FloatMatrix(Taps * channels, bias.Length, (input, output) => kernel[(((output * channels) + (input % channels)) * Taps) + (input / channels)])),
            Store(bias));
    }
}
