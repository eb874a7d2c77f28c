using AsrHub.Rtc.Crypto;

namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>
/// A libopus decoder that gives 16 kHz mono straight away: libopus mixes stereo packets down and decodes at the lower rate cheaper than at 48 kHz.
/// Not thread-safe. Allocates nothing after construction and throws for no packet.
/// </summary>
public sealed unsafe class OpusDecoder : IDisposable
{
    /// <summary>Samples a second of what comes out.</summary>
    public const int SampleRate = 16_000;

    /// <summary>Most samples that one packet can hold: 120 ms (RFC 6716 s3.2.5).</summary>
    public const int MaxPacketSamples = SampleRate / 1000 * 120;

    /// <summary>Output comes in multiples of 2.5 ms, the shortest Opus frame (RFC 6716 s2.1.4).</summary>
    public const int Grain = SampleRate / 400;

    private readonly OpusDecoderHandle _decoder;

    /// <summary>Makes a decoder.</summary>
    /// <exception cref="InvalidOperationException">libopus could not make one.</exception>
    public OpusDecoder()
    {
        _decoder = OpusLibrary.DecoderCreate(SampleRate, 1, out var error);
        if (_decoder.IsInvalid || error != 0)
        {
            _decoder.Dispose();
            throw new InvalidOperationException($"libopus could not create a decoder (error {error}).");
        }

        NativeHandles.Opened();
    }

    /// <summary>How many samples a packet decodes to; 0 when it is no Opus packet or holds more than RFC 6716 allows.</summary>
    /// <param name="packet">The packet.</param>
    public static int CountSamples(ReadOnlySpan<byte> packet)
    {
        if (packet.IsEmpty)
        {
            return 0;
        }

        fixed (byte* data = packet)
        {
            var samples = OpusLibrary.PacketSamples(data, packet.Length, SampleRate);
            return samples is > 0 and <= MaxPacketSamples ? samples : 0;
        }
    }

    /// <summary>Decodes a packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="pcm">Room for <see cref="MaxPacketSamples"/>.</param>
    /// <returns>Samples written; 0 when the packet is not valid.</returns>
    public int Decode(ReadOnlySpan<byte> packet, Span<float> pcm) => packet.IsEmpty ? 0 : Run(packet, pcm, decodeFec: 0);

    /// <summary>
    /// Restores the packet before <paramref name="packet"/> from the low-rate copy that it may carry (RFC 6716 s2.1.7); conceals where it carries none.
    /// </summary>
    /// <param name="packet">The packet after the missing one.</param>
    /// <param name="pcm">Exactly as long as the missing audio, a multiple of <see cref="Grain"/>.</param>
    /// <returns>Samples written; 0 when the packet is not valid.</returns>
    public int DecodeFec(ReadOnlySpan<byte> packet, Span<float> pcm) => packet.IsEmpty ? 0 : Run(packet, pcm, decodeFec: 1);

    /// <summary>Makes up audio for a missing packet from what was heard before.</summary>
    /// <param name="pcm">Exactly as long as the missing audio, a multiple of <see cref="Grain"/>.</param>
    /// <returns>Samples written.</returns>
    public int Conceal(Span<float> pcm) => Run(default, pcm, decodeFec: 0);

    /// <summary>Forgets what was heard.</summary>
    public void Reset() => _ = OpusLibrary.DecoderControl(_decoder, OpusLibrary.ResetState);

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    private int Run(ReadOnlySpan<byte> packet, Span<float> pcm, int decodeFec)
    {
        fixed (byte* data = packet)
        fixed (float* output = pcm)
        {
            return Math.Max(0, OpusLibrary.DecodeFloat(_decoder, packet.IsEmpty ? null : data, packet.Length, output, pcm.Length, decodeFec));
        }
    }
}
