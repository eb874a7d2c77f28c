using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using AsrHub.Rtc.WebRtc.Stun;

namespace AsrHub.Rtc.WebRtc.Tests.Stun;

public sealed class Rfc5769Tests
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes(Rfc5769Vectors.Password);

    [Fact]
    public void Reads_the_sample_request()
    {
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.Request, out var message));
        Assert.Equal(StunClass.Request, message.Class);
        Assert.Equal(StunMessage.BindingMethod, message.Method);
        Assert.True(message.VerifyIntegrity(Key));
        Assert.True(message.VerifyFingerprint());
        Assert.True(message.TryGet(StunAttributeType.Username, out var username));
        Assert.Equal("evtj:h6vY", Encoding.ASCII.GetString(username));
        Assert.True(message.TryGetUInt32(StunAttributeType.Priority, out var priority));
        Assert.Equal(0x6e0001ffu, priority);
        Assert.True(message.TryGetUInt64(StunAttributeType.IceControlled, out var tieBreaker));
        Assert.Equal(0x932ff9b151263b36UL, tieBreaker);
    }

    [Fact]
    public void Reads_the_sample_response_over_IPv4()
    {
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.ResponseIPv4, out var message));
        Assert.Equal(StunClass.Success, message.Class);
        Assert.True(message.VerifyIntegrity(Key));
        Assert.True(message.VerifyFingerprint());
        Assert.True(message.TryGetXorMappedAddress(out var address));
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:32853"), address.ToIPEndPoint());
    }

    [Fact]
    public void Reads_the_sample_response_over_IPv6()
    {
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.ResponseIPv6, out var message));
        Assert.True(message.VerifyIntegrity(Key));
        Assert.True(message.VerifyFingerprint());
        Assert.True(message.TryGetXorMappedAddress(out var address));
        Assert.Equal(IPEndPoint.Parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853"), address.ToIPEndPoint());
    }

    [Fact]
    [SuppressMessage("Security", "CA5351", Justification = "RFC 8489 s9.2.2 makes long-term keys with MD5.")]
    public void Verifies_the_sample_request_with_a_long_term_key()
    {
        var key = MD5.HashData(Encoding.UTF8.GetBytes("マトリックス:example.org:TheMatrIX"));
        Assert.True(StunMessage.TryParse(Rfc5769Vectors.LongTermRequest, out var message));
        Assert.True(message.VerifyIntegrity(key));
        Assert.False(message.HasFingerprint);
    }

    [Fact]
    public void Writes_the_sample_responses_byte_for_byte()
    {
        AssertWritten(Rfc5769Vectors.ResponseIPv4, "192.0.2.1:32853");
        AssertWritten(Rfc5769Vectors.ResponseIPv6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853");

        static void AssertWritten(byte[] expected, string address)
        {
            var buffer = new byte[256];
            var writer = new StunWriter(buffer, StunClass.Success, StunMessage.BindingMethod, expected.AsSpan(8, 12));

            // The RFC pads SOFTWARE with a space, which a writer of zeros matches only by writing the space as part of the padded value.
            writer.Add(StunAttributeType.Software, "test vector "u8);
            buffer[23] = 0x0b;
            writer.AddXorMappedAddress(TransportAddress.From(IPEndPoint.Parse(address)));
            writer.AddIntegrity(Key);
            writer.AddFingerprint();
            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(buffer, 0, writer.Length));
        }
    }

    [Fact]
    public void Any_flipped_bit_breaks_integrity_or_structure()
    {
        var original = Rfc5769Vectors.Request;
        var covered = original.Length - 8;
        for (var bit = 0; bit < covered * 8; bit++)
        {
            var changed = (byte[])original.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(StunMessage.TryParse(changed, out var message) && message.VerifyIntegrity(Key), $"bit {bit}");
        }
    }
}
