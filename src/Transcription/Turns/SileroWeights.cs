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

    /// <summary>Channels before and behind the four convolutions.</summary>
    private static readonly int[] Widths = [Bins, State, State / 2, State / 2, State];

    /// <summary>Reads the weights.</summary>
    /// <param name="graph">The graph.</param>
    /// <exception cref="Recognition.RecognizerException">It is another graph.</exception>
    public SileroWeights(SourceGraph graph)
    {
        float[] basis = graph.Floats(Prefix + "stft.forward_basis_buffer", 2 * Bins * SpectrumTaps);
        Spectrum = Own(new FloatMatrix(SpectrumTaps, SpectrumRoom, (input, output) => output < 2 * Bins ? basis[(output * SpectrumTaps) + input] : 0));
        Convolutions = [.. Enumerable.Range(0, 4).Select(number => ReadConvolution(graph, number))];
        float[] fromInput = graph.Floats(Prefix + "decoder.rnn.weight_ih", Gates * State * State);
        float[] fromState = graph.Floats(Prefix + "decoder.rnn.weight_hh", Gates * State * State);
        Recurrent = Own(new FloatMatrix(
            2 * State, Gates * State, (input, output) => input < State ? fromInput[(output * State) + input] : fromState[(output * State) + input - State]));
        RecurrentBias = Store([.. graph.Floats(Prefix + "decoder.rnn.bias_ih", Gates * State).Zip(graph.Floats(Prefix + "decoder.rnn.bias_hh", Gates * State), static (one, other) => one + other)]);
        Speech = Store(graph.Floats(Prefix + "decoder.decoder.2.weight", State));
        SpeechBias = graph.Floats(Prefix + "decoder.decoder.2.bias", 1)[0];
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
        (int channels, int outputs) = (Widths[number], Widths[number + 1]);
        float[] kernel = graph.Floats($"{Prefix}encoder.{number}.reparam_conv.weight", outputs * channels * Taps);
        float[] bias = graph.Floats($"{Prefix}encoder.{number}.reparam_conv.bias", outputs);
        return (
            Own(new FloatMatrix(Taps * channels, bias.Length, (input, output) => kernel[(((output * channels) + (input % channels)) * Taps) + (input / channels)])),
            Store(bias));
    }
}
