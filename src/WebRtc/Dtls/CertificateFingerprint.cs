using System.Security.Cryptography;
using System.Text;

namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>Hash functions a fingerprint may use here; MD5 and SHA-1 are not among them (RFC 8122 s5).</summary>
public enum FingerprintAlgorithm
{
    /// <summary><c>sha-256</c>, 32 bytes.</summary>
    Sha256,

    /// <summary><c>sha-384</c>, 48 bytes.</summary>
    Sha384,

    /// <summary><c>sha-512</c>, 64 bytes.</summary>
    Sha512,
}

/// <summary>The hash of a certificate as SDP carries it in <c>a=fingerprint</c> (RFC 8122 s5).</summary>
public sealed class CertificateFingerprint
{
    private readonly byte[] _hash;

    /// <summary>Wraps a hash.</summary>
    /// <param name="algorithm">The function that made it.</param>
    /// <param name="hash">Its bytes; their number must be that of the function.</param>
    public CertificateFingerprint(FingerprintAlgorithm algorithm, ReadOnlySpan<byte> hash)
    {
        if (hash.Length != HashLength(algorithm))
        {
            throw new ArgumentException($"A fingerprint of {algorithm} has {HashLength(algorithm)} bytes, not {hash.Length}.", nameof(hash));
        }

        Algorithm = algorithm;
        _hash = hash.ToArray();
    }

    /// <summary>The function that made the hash.</summary>
    public FingerprintAlgorithm Algorithm { get; }

    /// <summary>The name of the function in SDP.</summary>
    public string AlgorithmName => Algorithm switch
    {
        FingerprintAlgorithm.Sha256 => "sha-256",
        FingerprintAlgorithm.Sha384 => "sha-384",
        _ => "sha-512",
    };

    /// <summary>Reads the two words of an <c>a=fingerprint</c> value, in any case.</summary>
    /// <returns>False for a function not supported here and for anything malformed.</returns>
    public static bool TryParse(ReadOnlySpan<char> algorithm, ReadOnlySpan<char> value, out CertificateFingerprint? fingerprint)
    {
        fingerprint = null;
        FingerprintAlgorithm function;
        if (algorithm.Equals("sha-256", StringComparison.OrdinalIgnoreCase))
        {
            function = FingerprintAlgorithm.Sha256;
        }
        else if (algorithm.Equals("sha-384", StringComparison.OrdinalIgnoreCase))
        {
            function = FingerprintAlgorithm.Sha384;
        }
        else if (algorithm.Equals("sha-512", StringComparison.OrdinalIgnoreCase))
        {
            function = FingerprintAlgorithm.Sha512;
        }
        else
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[64];
        hash = hash[..HashLength(function)];
        if (value.Length != (hash.Length * 3) - 1)
        {
            return false;
        }

        for (var i = 0; i < hash.Length; i++)
        {
            var at = i * 3;
            if (!char.IsAsciiHexDigit(value[at]) || !char.IsAsciiHexDigit(value[at + 1]) || (i > 0 && value[at - 1] != ':'))
            {
                return false;
            }

            hash[i] = byte.Parse(value.Slice(at, 2), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);
        }

        fingerprint = new CertificateFingerprint(function, hash);
        return true;
    }

    /// <summary>Compares with a hash made by the same function, in constant time.</summary>
    public bool Matches(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(_hash, hash);

    /// <summary>The hash as SDP writes it: <c>AB:CD:...</c>.</summary>
    public string ToHex()
    {
        var text = new StringBuilder((_hash.Length * 3) - 1);
        for (var i = 0; i < _hash.Length; i++)
        {
            if (i > 0)
            {
                text.Append(':');
            }

            text.Append(_hash[i].ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>The value of the <c>a=fingerprint</c> attribute.</summary>
    public override string ToString() => $"{AlgorithmName} {ToHex()}";

    private static int HashLength(FingerprintAlgorithm algorithm) => algorithm switch
    {
        FingerprintAlgorithm.Sha256 => 32,
        FingerprintAlgorithm.Sha384 => 48,
        FingerprintAlgorithm.Sha512 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };
}
