using System.Security.Cryptography;

namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>The hash of a DTLS certificate as it stands in <c>a=fingerprint</c> (RFC 8122 s5).</summary>
/// <param name="Algorithm"><c>sha-256</c>, <c>sha-384</c> or <c>sha-512</c>, in lower case.</param>
/// <param name="Hash">The bytes.</param>
public sealed record SdpFingerprint(string Algorithm, ReadOnlyMemory<byte> Hash)
{
    /// <summary>Reads an attribute value such as <c>sha-256 AB:CD:...</c>; letters may have any case.</summary>
    /// <returns>False when the hash function is not supported or the value has not its length.</returns>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpFingerprint? fingerprint)
    {
        fingerprint = null;
        var space = value.IndexOf(' ');
        if (space < 0)
        {
            return false;
        }

        var length = HashLength(value[..space], out var algorithm);
        var digits = value[(space + 1)..].Trim(' ');
        if (length == 0 || digits.Length != (length * 3) - 1)
        {
            return false;
        }

        var hash = new byte[length];
        for (var i = 0; i < length; i++)
        {
            var high = HexValue(digits[i * 3]);
            var low = HexValue(digits[(i * 3) + 1]);
            if (high < 0 || low < 0 || (i < length - 1 && digits[(i * 3) + 2] != ':'))
            {
                return false;
            }

            hash[i] = (byte)((high << 4) | low);
        }

        fingerprint = new SdpFingerprint(algorithm, hash);
        return true;
    }

    /// <summary>Hashes a certificate and compares in constant time.</summary>
    /// <param name="certificate">The certificate in DER.</param>
    public bool Matches(ReadOnlySpan<byte> certificate)
    {
        Span<byte> actual = stackalloc byte[64];
        var length = Algorithm switch
        {
            "sha-256" => SHA256.HashData(certificate, actual),
            "sha-384" => SHA384.HashData(certificate, actual),
            "sha-512" => SHA512.HashData(certificate, actual),
            _ => 0,
        };
        return length > 0 && CryptographicOperations.FixedTimeEquals(actual[..length], Hash.Span);
    }

    /// <inheritdoc/>
    public bool Equals(SdpFingerprint? other) => other is not null && Algorithm == other.Algorithm && Hash.Span.SequenceEqual(other.Hash.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var code = default(HashCode);
        code.AddBytes(Hash.Span);
        return code.ToHashCode();
    }

    /// <summary>The attribute's value: <c>sha-256 AB:CD:...</c>.</summary>
    public override string ToString()
    {
        var bytes = Hash.Span;
        return $"{Algorithm} {string.Create((bytes.Length * 3) - 1, Hash, static (text, hash) =>
        {
            const string Digits = "0123456789ABCDEF";
            for (var i = 0; i < text.Length; i++)
            {
                var b = hash.Span[i / 3];
                text[i] = (i % 3) switch { 0 => Digits[b >> 4], 1 => Digits[b & 15], _ => ':' };
            }
        })}";
    }

    /// <summary>Larger is stronger.</summary>
    internal int Strength => Hash.Length;

    private static int HashLength(ReadOnlySpan<char> name, out string algorithm)
    {
        (algorithm, var length) = name.Equals("sha-256", StringComparison.OrdinalIgnoreCase) ? ("sha-256", 32)
            : name.Equals("sha-384", StringComparison.OrdinalIgnoreCase) ? ("sha-384", 48)
            : name.Equals("sha-512", StringComparison.OrdinalIgnoreCase) ? ("sha-512", 64)
            : (string.Empty, 0);
        return length;
    }

    private static int HexValue(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => -1,
    };
}
