using System.Numerics.Tensors;
using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;

namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>
/// Silero VAD v5 in code of our own: the weights once for all streams, a few kilobytes of buffers and state for each. The graph says the same, at three times the cost: what it computes is
/// little, and most of its nodes compute shapes.
/// </summary>
public sealed class SileroVad : IVoiceActivityModel
{
    // From a state of zeros the network doubts quiet voices for seconds; after a little silence it does not.
    private const int SettleWindows = 8;
    private readonly SileroWeights _weights;
    private readonly float[] _settled = new float[2 * SileroWeights.State];

    /// <summary>Loads the weights.</summary>
    /// <param name="path">The ONNX file; null for the one that <c>models/install</c> put in place.</param>
    /// <exception cref="Recognition.RecognizerException">The file is missing, damaged, or another graph.</exception>
    public SileroVad(string? path = null)
    {
        _weights = new SileroWeights(SourceGraph.Load(path ?? ModelLocator.File("silero-vad/silero_vad_v5.onnx")));
        using var detector = new Detector(_weights, _settled);
        var silence = new float[IVoiceActivityDetector.WindowSamples];
        for (var i = 0; i < SettleWindows; i++)
        {
            _ = detector.Detect(silence);
        }

        detector.CopyState(_settled);
    }

    /// <inheritdoc/>
    public IVoiceActivityDetector CreateDetector() => new Detector(_weights, _settled);

    /// <inheritdoc/>
    public void Dispose() => _weights.LetGo();

    private sealed unsafe class Detector : IVoiceActivityDetector
    {
        // The network wants the end of the window before as well; without it onsets are missed, and no error says so.
        private const int Context = 64;
        private const int Mirrored = 64;
        private const int Heard = Context + IVoiceActivityDetector.WindowSamples;
        private const int Frames = ((Heard + Mirrored - SileroWeights.SpectrumTaps) / SileroWeights.SpectrumStride) + 1;

        // Frames of nothing before and behind those that a convolution sees.
        private const int Padding = 2;
        private static readonly int[] Strides = [1, 2, 2, 1];
        private readonly SileroWeights _weights;
        private readonly float[] _settled;
        private readonly NativeArray<float> _samples = new(Heard + Mirrored);
        private readonly NativeArray<float> _spectrum = new(Frames * SileroWeights.SpectrumRoom);
        private readonly NativeArray<float> _frames = new((Frames + Padding) * SileroWeights.Bins);
        private readonly NativeArray<float> _convolved = new(Frames * SileroWeights.State);
        private readonly NativeArray<float> _input = new(2 * SileroWeights.State);
        private readonly NativeArray<float> _gates = new(4 * SileroWeights.State);
        private readonly float[] _cell = new float[SileroWeights.State];

        public Detector(SileroWeights weights, float[] settled)
        {
            weights.Hold();
            (_weights, _settled) = (weights, settled);
            Reset();
        }

        private Span<float> Hidden => _input.Span[SileroWeights.State..];

        public float Detect(ReadOnlySpan<float> window)
        {
            Take(window);
            var frames = Spectrum();
            for (var i = 0; i < Strides.Length; i++)
            {
                frames = Convolve(i, frames);
            }

            _convolved.Span[..SileroWeights.State].CopyTo(_input.Span);
            Remember();
            Span<float> open = stackalloc float[SileroWeights.State];
            TensorPrimitives.Max(Hidden, 0, open);
            return Sigmoid(TensorPrimitives.Dot<float>(open, _weights.Speech.Span) + _weights.SpeechBias);
        }

        public void Reset()
        {
            _samples.Span.Clear();
            _settled.AsSpan(0, SileroWeights.State).CopyTo(Hidden);
            _settled.AsSpan(SileroWeights.State).CopyTo(_cell);
        }

        public void CopyState(Span<float> state)
        {
            Hidden.CopyTo(state);
            _cell.CopyTo(state[SileroWeights.State..]);
        }

        public void Dispose()
        {
            foreach (var each in (ReadOnlySpan<NativeArray<float>>)[_samples, _spectrum, _frames, _convolved, _input, _gates])
            {
                each.Dispose();
            }

            _weights.LetGo();
        }

        private void Take(ReadOnlySpan<float> window)
        {
            var samples = _samples.Span;
            samples.Slice(IVoiceActivityDetector.WindowSamples, Context).CopyTo(samples);
            window.CopyTo(samples[Context..]);
            for (var i = 0; i < Mirrored; i++)
            {
                samples[Heard + i] = samples[Heard - 2 - i];
            }
        }

        /// <summary>Sizes of frequencies, frame by frame behind one of nothing.</summary>
        private int Spectrum()
        {
            _weights.Spectrum.Multiply(_samples.Pointer, SileroWeights.SpectrumStride, Frames, _spectrum.Pointer);
            _frames.Span[..SileroWeights.Bins].Clear();
            for (var frame = 0; frame < Frames; frame++)
            {
                var parts = _spectrum.Span.Slice(frame * SileroWeights.SpectrumRoom, 2 * SileroWeights.Bins);
                TensorPrimitives.Hypot(parts[..SileroWeights.Bins], parts[SileroWeights.Bins..], _frames.Span.Slice((frame + 1) * SileroWeights.Bins, SileroWeights.Bins));
            }

            _frames.Span.Slice((Frames + 1) * SileroWeights.Bins, SileroWeights.Bins).Clear();
            return Frames;
        }

        private int Convolve(int number, int frames)
        {
            var (kernel, bias) = _weights.Convolutions[number];
            var channels = kernel.Inputs / 3;
            var count = ((frames - 1) / Strides[number]) + 1;
            var numbers = count * kernel.Outputs;
            kernel.Multiply(_frames.Pointer, Strides[number] * channels, count, _convolved.Pointer);
            Functions.ScaleAndShift(_convolved.Pointer, count, kernel.Outputs, 1, bias.Pointer);
            var result = _convolved.Span[..numbers];
            TensorPrimitives.Max(result, 0, result);

            // For the next convolution, between frames of nothing.
            _frames.Span[..kernel.Outputs].Clear();
            result.CopyTo(_frames.Span[kernel.Outputs..]);
            _frames.Span.Slice(kernel.Outputs + numbers, kernel.Outputs).Clear();
            return count;
        }

        private void Remember()
        {
            const int Size = SileroWeights.State;
            _weights.Recurrent.Multiply(_input.Pointer, 0, 1, _gates.Pointer);
            Functions.Add(_gates.Pointer, _weights.RecurrentBias.Pointer, 4 * Size);
            var gates = _gates.Span;
            TensorPrimitives.Sigmoid(gates[..(2 * Size)], gates[..(2 * Size)]);
            TensorPrimitives.Tanh(gates.Slice(2 * Size, Size), gates.Slice(2 * Size, Size));
            TensorPrimitives.Sigmoid(gates.Slice(3 * Size, Size), gates.Slice(3 * Size, Size));
            TensorPrimitives.Multiply(gates[..Size], gates.Slice(2 * Size, Size), gates[..Size]);
            TensorPrimitives.MultiplyAdd(_cell, gates.Slice(Size, Size), gates[..Size], _cell);
            TensorPrimitives.Tanh(_cell, Hidden);
            TensorPrimitives.Multiply(Hidden, gates.Slice(3 * Size, Size), Hidden);
        }

        private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
    }
}
