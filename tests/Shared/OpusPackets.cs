namespace AsrHub.Rtc.Tests.Shared;

/// <summary>Sound as a microphone's Opus packets.</summary>
public static class OpusPackets
{
    /// <summary>Encodes all of it; the last packet is filled up with silence.</summary>
    /// <param name="pcm">Interleaved samples.</param>
    /// <param name="sampleRate">Rate that the encoder is given.</param>
    /// <param name="channels">One or two.</param>
    /// <param name="packetMs">Length of a packet, 10 to 60 ms.</param>
    public static List<byte[]> Encode(ReadOnlySpan<float> pcm, int sampleRate = 16_000, int channels = 1, int packetMs = 20)
    {
        using var encoder = new OpusEncoder(sampleRate, channels, 32_000 * channels);
        var size = sampleRate * channels * packetMs / 1000;
        var frame = new float[size];
        var packets = new List<byte[]>((pcm.Length / size) + 1);
        for (var at = 0; at < pcm.Length; at += size)
        {
            var rest = pcm[at..Math.Min(at + size, pcm.Length)];
            rest.CopyTo(frame);
            frame.AsSpan(rest.Length).Clear();
            packets.Add(encoder.Encode(frame));
        }

        return packets;
    }

    /// <summary>Encoded silence.</summary>
    public static List<byte[]> Silence(int milliseconds) => Encode(new float[16 * milliseconds]);
}
