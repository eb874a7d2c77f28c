using System.Security.Cryptography;
using AsrHub.Rtc.WebRtc.Dtls;

namespace AsrHub.Rtc.WebRtc.Tests.Dtls;

public sealed class CertificateFingerprintTests
{
    [Theory]
    [InlineData("sha-256", 32)]
    [InlineData("SHA-384", 48)]
    [InlineData("Sha-512", 64)]
    public void What_is_written_can_be_read_in_any_case(string algorithm, int length)
    {
        var hash = RandomNumberGenerator.GetBytes(length);
        var text = BitConverter.ToString(hash).Replace('-', ':');
        Assert.True(CertificateFingerprint.TryParse(algorithm, text.ToLowerInvariant(), out var fingerprint));
        Assert.True(fingerprint!.Matches(hash));
        Assert.Equal($"{algorithm.ToLowerInvariant()} {text}", fingerprint.ToString());
        hash[^1] ^= 1;
        Assert.False(fingerprint.Matches(hash));
        Assert.False(fingerprint.Matches([]));
    }

    [Fact]
    public void No_prefix_and_no_broken_separator_is_read()
    {
        const string valid = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";
        Assert.True(CertificateFingerprint.TryParse("sha-256", valid, out _));
        Assert.False(CertificateFingerprint.TryParse("sha-1", valid, out _));
        for (var i = 0; i < valid.Length; i++)
        {
            Assert.False(CertificateFingerprint.TryParse("sha-256", valid.AsSpan(0, i), out _));
            Assert.False(CertificateFingerprint.TryParse("sha-256", $"{valid.AsSpan(0, i)}g{valid.AsSpan(i + 1)}", out _));
        }
    }

    [Fact]
    public void Certificates_of_one_process_differ()
    {
        using var first = DtlsCertificate.Create();
        using var second = DtlsCertificate.Create();
        Assert.NotEqual(first.Fingerprint.ToString(), second.Fingerprint.ToString());
    }
}
