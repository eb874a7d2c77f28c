using System.Security.Cryptography;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Random numbers: the system's, or a repeatable sequence in tests.</summary>
internal sealed class SctpRandom(int? seed)
{
    private readonly Random? _seeded = seed is { } value ? new Random(value) : null;

    public uint Next()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Fill(bytes);
        return BitConverter.ToUInt32(bytes);
    }

    /// <summary>A verification tag: anything but zero (RFC 9260 s3.3.2).</summary>
    public uint NextTag()
    {
        uint tag;
        do
        {
            tag = Next();
        }
        while (tag == 0);
        return tag;
    }

    public void Fill(Span<byte> destination)
    {
        if (_seeded is null)
        {
            RandomNumberGenerator.Fill(destination);
        }
        else
        {
            _seeded.NextBytes(destination);
        }
    }
}
