using System.Buffers.Binary;
using System.Security.Cryptography;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>
/// Everything INIT ACK promises, signed and given to the other side to keep, so that an INIT makes no state here (RFC 9260 s5.1.3).
/// The tie tags are the tags of the association that existed when the cookie was made, 0 if none (RFC 9260 s5.2.2).
/// </summary>
internal struct StateCookie
{
    /// <summary>Bytes of a cookie.</summary>
    public const int Length = BodyLength + HMACSHA256.HashSizeInBytes;

    /// <summary>Bytes of the signing key.</summary>
    public const int KeyLength = 32;

    private const int BodyLength = 42;

    public long CreatedAt;
    public uint LocalTag;
    public uint PeerTag;
    public uint LocalTieTag;
    public uint PeerTieTag;
    public uint LocalInitialTsn;
    public uint PeerInitialTsn;
    public uint PeerWindow;
    public ushort OutgoingStreams;
    public ushort IncomingStreams;
    public bool SupportsForwardTsn;
    public bool SupportsReset;

    /// <summary>Writes and signs the cookie.</summary>
    public readonly void Write(Span<byte> destination, ReadOnlySpan<byte> key)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, CreatedAt);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], LocalTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], PeerTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], LocalTieTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], PeerTieTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], LocalInitialTsn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], PeerInitialTsn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[32..], PeerWindow);
        BinaryPrimitives.WriteUInt16BigEndian(destination[36..], OutgoingStreams);
        BinaryPrimitives.WriteUInt16BigEndian(destination[38..], IncomingStreams);
        destination[40] = SupportsForwardTsn ? (byte)1 : (byte)0;
        destination[41] = SupportsReset ? (byte)1 : (byte)0;
        _ = HMACSHA256.HashData(key, destination[..BodyLength], destination[BodyLength..]);
    }

    /// <summary>Checks the signature and reads the cookie; age and tags are for the caller to judge.</summary>
    public static bool TryParse(ReadOnlySpan<byte> source, ReadOnlySpan<byte> key, out StateCookie cookie)
    {
        cookie = default;
        if (source.Length != Length)
        {
            return false;
        }

        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _ = HMACSHA256.HashData(key, source[..BodyLength], signature);
        if (!CryptographicOperations.FixedTimeEquals(signature, source[BodyLength..]))
        {
            return false;
        }

        cookie.CreatedAt = BinaryPrimitives.ReadInt64BigEndian(source);
        cookie.LocalTag = BinaryPrimitives.ReadUInt32BigEndian(source[8..]);
        cookie.PeerTag = BinaryPrimitives.ReadUInt32BigEndian(source[12..]);
        cookie.LocalTieTag = BinaryPrimitives.ReadUInt32BigEndian(source[16..]);
        cookie.PeerTieTag = BinaryPrimitives.ReadUInt32BigEndian(source[20..]);
        cookie.LocalInitialTsn = BinaryPrimitives.ReadUInt32BigEndian(source[24..]);
        cookie.PeerInitialTsn = BinaryPrimitives.ReadUInt32BigEndian(source[28..]);
        cookie.PeerWindow = BinaryPrimitives.ReadUInt32BigEndian(source[32..]);
        cookie.OutgoingStreams = BinaryPrimitives.ReadUInt16BigEndian(source[36..]);
        cookie.IncomingStreams = BinaryPrimitives.ReadUInt16BigEndian(source[38..]);
        cookie.SupportsForwardTsn = source[40] != 0;
        cookie.SupportsReset = source[41] != 0;
        return true;
    }
}
