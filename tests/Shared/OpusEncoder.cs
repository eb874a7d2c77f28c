using System.Runtime.InteropServices;

namespace AsrHub.Rtc.Tests.Shared;

/// <summary>A libopus encoder for tests and benches, set up as browsers do; the product only decodes.</summary>
public sealed unsafe partial class OpusEncoder : IDisposable
{
    private const int ApplicationVoip = 2048;
    private const int SetBitrate = 4002;
    private const int SetInbandFec = 4012;
    private const int SetPacketLossPercent = 4014;
    private const int SetDtx = 4016;
    private const int SetComplexity = 4010;
    private readonly int _channels;
    private IntPtr _encoder;

    public OpusEncoder(int sampleRate = 16_000, int channels = 1, int bitrate = 32_000, bool fec = false, bool dtx = false, int lossPercent = 20)
    {
        _channels = channels;
        _encoder = Create(sampleRate, channels, ApplicationVoip, out var error);
        if (error != 0)
        {
            throw new InvalidOperationException($"opus_encoder_create failed with {error}.");
        }

        Set(SetBitrate, bitrate);
        Set(SetComplexity, 9);
        if (fec)
        {
            Set(SetInbandFec, 1);
            Set(SetPacketLossPercent, lossPercent);
        }

        if (dtx)
        {
            Set(SetDtx, 1);
        }
    }

    /// <summary>Encodes one packet; interleaved samples of 2.5 to 60 ms.</summary>
    public byte[] Encode(ReadOnlySpan<float> pcm)
    {
        Span<byte> packet = stackalloc byte[1500];
        fixed (float* input = pcm)
        fixed (byte* output = packet)
        {
            var length = EncodeFloat(_encoder, input, pcm.Length / _channels, output, packet.Length);
            return length > 0 ? packet[..length].ToArray() : throw new InvalidOperationException($"opus_encode_float failed with {length}.");
        }
    }

    public void Dispose()
    {
        Destroy(_encoder);
        _encoder = IntPtr.Zero;
    }

    private void Set(int request, int value)
    {
        var result = Control(_encoder, request, value);
        if (result != 0)
        {
            throw new InvalidOperationException($"opus_encoder_ctl({request}, {value}) failed with {result}.");
        }
    }

    [LibraryImport("libopus.so.0", EntryPoint = "opus_encoder_create")]
    private static partial IntPtr Create(int sampleRate, int channels, int application, out int error);

    [LibraryImport("libopus.so.0", EntryPoint = "opus_encoder_destroy")]
    private static partial void Destroy(IntPtr encoder);

    [LibraryImport("libopus.so.0", EntryPoint = "opus_encode_float")]
    private static partial int EncodeFloat(IntPtr encoder, float* pcm, int frameSize, byte* data, int maxBytes);

    [LibraryImport("libopus.so.0", EntryPoint = "opus_encoder_ctl")]
    private static partial int Control(IntPtr encoder, int request, int value);
}
