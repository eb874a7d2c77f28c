using System.Buffers.Binary;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>The clip on which a prepared graph is compared with the one it was made from.</summary>
internal static class CheckClip
{
    /// <summary>Samples a second.</summary>
    public const double SampleRate = 16000;

    private const int HeaderLength = 12;

    /// <summary>Its samples, from the WAV file inside the program.</summary>
    public static float[] Load()
    {
        using Stream stream = typeof(CheckClip).Assembly.GetManifestResourceStream("check-clip.wav")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        ReadOnlySpan<byte> rest = bytes.AsSpan(HeaderLength);
        while (!rest[..4].SequenceEqual("data"u8))
        {
            rest = rest[(8 + BinaryPrimitives.ReadInt32LittleEndian(rest[4..]))..];
        }

        rest = rest.Slice(8, BinaryPrimitives.ReadInt32LittleEndian(rest[4..]));
        var samples = new float[rest.Length / sizeof(short)];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(rest[(i * sizeof(short))..]) / 32768f;
        }

        return samples;
    }
}
