using System.Text;
using AsrHub.Rtc.WebRtc.Stun;

namespace AsrHub.Rtc.WebRtc.Tests.Stun;

public sealed class StunMessageTests
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes(Rfc5769Vectors.Password);

    public static TheoryData<string> Samples =>
    [
        Convert.ToHexString(Rfc5769Vectors.Request),
        Convert.ToHexString(Rfc5769Vectors.ResponseIPv4),
        Convert.ToHexString(Rfc5769Vectors.ResponseIPv6),
        Convert.ToHexString(Rfc5769Vectors.LongTermRequest),
    ];

    [Theory]
    [MemberData(nameof(Samples))]
    public void No_prefix_of_a_message_is_a_message(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(StunMessage.TryParse(bytes.AsSpan(0, length), out _));
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_byte_may_have_any_value_without_harm(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var parsed = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var original = bytes[i];
            for (var value = 0; value < 256; value++)
            {
                bytes[i] = (byte)value;
                if (StunMessage.TryParse(bytes, out var message))
                {
                    parsed++;
                    UseEverything(message);
                }
            }

            bytes[i] = original;
        }

        Assert.True(parsed > bytes.Length);
    }

    [Fact]
    public void Attributes_after_integrity_are_not_seen_except_fingerprint()
    {
        var buffer = new byte[256];
        var writer = new StunWriter(buffer, StunClass.Request, StunMessage.BindingMethod, new byte[12]);
        writer.Add(StunAttributeType.Username, "abcd:efgh"u8);
        writer.AddIntegrity(Key);
        writer.Add(StunAttributeType.UseCandidate, []);
        writer.Add((StunAttributeType)0x7777, []);
        writer.AddFingerprint();

        Assert.True(StunMessage.TryParse(buffer.AsSpan(0, writer.Length), out var message));
        Assert.True(message.VerifyIntegrity(Key));
        Assert.True(message.VerifyFingerprint());
        Assert.True(message.Has(StunAttributeType.Username));
        Assert.False(message.Has(StunAttributeType.UseCandidate));
        Assert.False(message.Has((StunAttributeType)0x7777));
    }

    [Fact]
    public void Fingerprint_must_be_last()
    {
        var buffer = new byte[256];
        var writer = new StunWriter(buffer, StunClass.Request, StunMessage.BindingMethod, new byte[12]);
        writer.AddFingerprint();
        writer.Add(StunAttributeType.Username, "abcd:efgh"u8);
        Assert.False(StunMessage.TryParse(buffer.AsSpan(0, writer.Length), out _));
    }

    [Fact]
    public void A_wrong_password_and_a_wrong_fingerprint_are_told()
    {
        var bytes = Rfc5769Vectors.Request;
        bytes[^1] ^= 1;
        Assert.True(StunMessage.TryParse(bytes, out var message));
        Assert.False(message.VerifyFingerprint());
        Assert.False(message.VerifyIntegrity("VOkJxbRl1RmTxUk/WvJxBT"u8));
    }

    [Theory]
    [InlineData(StunClass.Request, 0x001)]
    [InlineData(StunClass.Indication, 0x001)]
    [InlineData(StunClass.Success, 0x0FF)]
    [InlineData(StunClass.Error, 0x0A5)]
    public void Class_and_method_survive_the_way(StunClass messageClass, int method)
    {
        var buffer = new byte[64];
        var writer = new StunWriter(buffer, messageClass, (ushort)method, new byte[12]);
        Assert.True(StunMessage.TryParse(buffer.AsSpan(0, writer.Length), out var message));
        Assert.Equal(messageClass, message.Class);
        Assert.Equal(method, message.Method);
    }

    [Fact]
    public void An_error_code_survives_the_way()
    {
        var buffer = new byte[64];
        var writer = new StunWriter(buffer, StunClass.Error, StunMessage.BindingMethod, new byte[12]);
        writer.AddErrorCode(487, "Role Conflict");
        Assert.True(StunMessage.TryParse(buffer.AsSpan(0, writer.Length), out var message));
        Assert.True(message.TryGetErrorCode(out var code));
        Assert.Equal(487, code);
    }

    private static void UseEverything(StunMessage message)
    {
        _ = message.Class;
        _ = message.Method;
        _ = message.TryGetXorMappedAddress(out _);
        _ = message.TryGetErrorCode(out _);
        _ = message.TryGetUInt32(StunAttributeType.Priority, out _);
        _ = message.TryGetUInt64(StunAttributeType.IceControlling, out _);
        _ = message.VerifyFingerprint();
        var attributes = message.GetAttributes();
        var total = 0;
        while (attributes.MoveNext())
        {
            total += attributes.Value.Length;
        }

        Assert.InRange(total, 0, StunMessage.MaxLength);
    }
}
