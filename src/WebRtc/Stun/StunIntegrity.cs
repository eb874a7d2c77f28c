using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace AsrHub.Rtc.WebRtc.Stun;

/// <summary>HMAC-SHA1 over a STUN message up to an attribute, with the header's length field reading as if that attribute were the last (RFC 8489 s14.5).</summary>
internal static class StunIntegrity
{
    public const int TagLength = HMACSHA1.HashSizeInBytes;

    /// <param name="key">Short-term credential: the password's bytes (RFC 8489 s9.1.1).</param>
    /// <param name="message">The message from its first byte.</param>
    /// <param name="offset">Where the MESSAGE-INTEGRITY attribute's type field begins.</param>
    /// <param name="tag">Receives 20 bytes.</param>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 8445 s7.2.2 fixes HMAC-SHA1 for connectivity checks.")]
    public static void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, int offset, Span<byte> tag)
    {
        Span<byte> covered = stackalloc byte[offset];
        message[..offset].CopyTo(covered);
        BinaryPrimitives.WriteUInt16BigEndian(covered[2..], (ushort)(offset - StunMessage.HeaderLength + 4 + TagLength));
        HMACSHA1.HashData(key, covered, tag);
    }
}
