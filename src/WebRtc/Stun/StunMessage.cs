using System.Buffers.Binary;
using System.Security.Cryptography;

namespace AsrHub.Rtc.WebRtc.Stun;

/// <summary>
/// A checked view of one STUN message (RFC 8489 s5). Nothing is copied: the view lives as long as the bytes under it.
/// What follows MESSAGE-INTEGRITY, apart from FINGERPRINT, is not covered by it and is not visible here (RFC 8489 s14.5).
/// </summary>
public readonly ref struct StunMessage
{
    /// <summary>Bytes before the first attribute.</summary>
    public const int HeaderLength = 20;

    /// <summary>The longest message that is looked at; connectivity checks have some 100 bytes.</summary>
    public const int MaxLength = 2048;

    /// <summary>The magic cookie (RFC 8489 s5).</summary>
    public const uint MagicCookie = 0x2112A442;

    /// <summary>The Binding method, the only one that ICE uses.</summary>
    public const ushort BindingMethod = 0x001;

    private const uint FingerprintMask = 0x5354554E;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _attributesEnd;
    private readonly int _integrityOffset;
    private readonly int _fingerprintOffset;

    private StunMessage(ReadOnlySpan<byte> bytes, int attributesEnd, int integrityOffset, int fingerprintOffset)
    {
        _bytes = bytes;
        _attributesEnd = attributesEnd;
        _integrityOffset = integrityOffset;
        _fingerprintOffset = fingerprintOffset;
    }

    /// <summary>Request, indication, success or error.</summary>
    public StunClass Class => (StunClass)(((_bytes[0] & 0x01) << 1) | ((_bytes[1] & 0x10) >> 4));

    /// <summary>The twelve method bits.</summary>
    public ushort Method => (ushort)(((_bytes[0] & 0x3E) << 6) | ((_bytes[1] & 0xE0) >> 1) | (_bytes[1] & 0x0F));

    /// <summary>The 12 bytes that join a response to its request.</summary>
    public ReadOnlySpan<byte> TransactionId => _bytes.Slice(8, 12);

    /// <summary>True when a MESSAGE-INTEGRITY attribute is there (which says nothing about its being right).</summary>
    public bool HasIntegrity => _integrityOffset > 0;

    /// <summary>True when a FINGERPRINT attribute is there (which says nothing about its being right).</summary>
    public bool HasFingerprint => _fingerprintOffset > 0;

    /// <summary>True when the bytes can be a STUN message at all: first byte 0 to 3 and the magic cookie (RFC 7983 s7, RFC 8489 s6.3).</summary>
    public static bool LooksLikeStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderLength && datagram[0] < 4 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie;

    /// <summary>Checks the structure of a message; nothing about it is authenticated yet.</summary>
    /// <param name="datagram">The whole datagram: STUN over UDP is one message each.</param>
    /// <param name="message">The view, when the result is true.</param>
    /// <returns>False when the bytes are not one well-formed STUN message.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (!LooksLikeStun(datagram) || datagram.Length > MaxLength || datagram.Length % 4 != 0)
        {
            return false;
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) != datagram.Length - HeaderLength)
        {
            return false;
        }

        var integrity = 0;
        var fingerprint = 0;
        var visibleEnd = datagram.Length;
        var offset = HeaderLength;
        while (offset < datagram.Length)
        {
            var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(datagram[offset..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[(offset + 2)..]);
            var next = offset + 4 + ((length + 3) & ~3);
            if (next > datagram.Length)
            {
                return false;
            }

            if (type == StunAttributeType.Fingerprint)
            {
                // FINGERPRINT must be the last attribute (RFC 8489 s14.7).
                if (length != 4 || next != datagram.Length)
                {
                    return false;
                }

                fingerprint = offset;
                visibleEnd = Math.Min(visibleEnd, offset);
            }
            else if (type == StunAttributeType.MessageIntegrity && integrity == 0)
            {
                if (length != StunIntegrity.TagLength)
                {
                    return false;
                }

                integrity = offset;
                visibleEnd = offset;
            }

            offset = next;
        }

        message = new StunMessage(datagram, visibleEnd, integrity, fingerprint);
        return true;
    }

    /// <summary>The value of the first attribute of a type (later ones of the same type are ignored, RFC 8489 s14).</summary>
    public bool TryGet(StunAttributeType type, out ReadOnlySpan<byte> value)
    {
        var attributes = GetAttributes();
        while (attributes.MoveNext())
        {
            if (attributes.Type == (ushort)type)
            {
                value = attributes.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>True when an attribute of this type is there.</summary>
    public bool Has(StunAttributeType type) => TryGet(type, out _);

    /// <summary>Reads a 32-bit attribute such as PRIORITY.</summary>
    public bool TryGetUInt32(StunAttributeType type, out uint value)
    {
        if (TryGet(type, out var bytes) && bytes.Length == 4)
        {
            value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>Reads a 64-bit attribute: the tie-breaker of ICE-CONTROLLING or ICE-CONTROLLED.</summary>
    public bool TryGetUInt64(StunAttributeType type, out ulong value)
    {
        if (TryGet(type, out var bytes) && bytes.Length == 8)
        {
            value = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>Reads XOR-MAPPED-ADDRESS (RFC 8489 s14.2).</summary>
    public bool TryGetXorMappedAddress(out TransportAddress address)
    {
        address = default;
        if (!TryGet(StunAttributeType.XorMappedAddress, out var value) || value.Length < 8)
        {
            return false;
        }

        var addressLength = value[1] switch { 1 => 4, 2 => 16, _ => 0 };
        if (addressLength == 0 || value.Length != 4 + addressLength)
        {
            return false;
        }

        Span<byte> plain = stackalloc byte[addressLength];
        for (var i = 0; i < addressLength; i++)
        {
            // The mask is the magic cookie and, for IPv6, the transaction id: bytes 4 to 19 of the header.
            plain[i] = (byte)(value[4 + i] ^ _bytes[4 + i]);
        }

        var port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (MagicCookie >> 16));
        address = new TransportAddress(plain, port);
        return true;
    }

    /// <summary>Reads the number of ERROR-CODE (RFC 8489 s14.8), such as 487.</summary>
    public bool TryGetErrorCode(out int code)
    {
        code = 0;
        if (!TryGet(StunAttributeType.ErrorCode, out var value) || value.Length < 4)
        {
            return false;
        }

        var hundreds = value[2] & 0x07;
        if (hundreds is < 3 or > 6 || value[3] > 99)
        {
            return false;
        }

        code = (hundreds * 100) + value[3];
        return true;
    }

    /// <summary>Checks MESSAGE-INTEGRITY with a short-term password, in constant time.</summary>
    /// <param name="key">The password's bytes.</param>
    public bool VerifyIntegrity(ReadOnlySpan<byte> key)
    {
        if (!HasIntegrity)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[StunIntegrity.TagLength];
        StunIntegrity.Compute(key, _bytes, _integrityOffset, expected);
        return CryptographicOperations.FixedTimeEquals(expected, _bytes.Slice(_integrityOffset + 4, StunIntegrity.TagLength));
    }

    /// <summary>Checks FINGERPRINT (RFC 8489 s14.7): a checksum against mix-ups with other protocols, no proof of anything.</summary>
    public bool VerifyFingerprint()
    {
        if (!HasFingerprint)
        {
            return false;
        }

        // The length field already counts FINGERPRINT, for it is the last attribute.
        var expected = ComputeFingerprint(_bytes[.._fingerprintOffset]);
        return expected == BinaryPrimitives.ReadUInt32BigEndian(_bytes[(_fingerprintOffset + 4)..]);
    }

    /// <summary>Walks the attributes up to MESSAGE-INTEGRITY or FINGERPRINT.</summary>
    public AttributeEnumerator GetAttributes() => new(_bytes[HeaderLength.._attributesEnd]);

    internal static uint ComputeFingerprint(ReadOnlySpan<byte> covered) => StunCrc32.Compute(covered) ^ FingerprintMask;

    /// <summary>Walks attributes whose structure <see cref="TryParse"/> has checked.</summary>
    public ref struct AttributeEnumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal AttributeEnumerator(ReadOnlySpan<byte> attributes)
        {
            _rest = attributes;
            Value = default;
            Type = 0;
        }

        /// <summary>Type of the current attribute.</summary>
        public ushort Type { get; private set; }

        /// <summary>Value of the current attribute, without padding.</summary>
        public ReadOnlySpan<byte> Value { get; private set; }

        /// <summary>Goes on to the next attribute.</summary>
        public bool MoveNext()
        {
            if (_rest.Length < 4)
            {
                return false;
            }

            Type = BinaryPrimitives.ReadUInt16BigEndian(_rest);
            var length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
            Value = _rest.Slice(4, length);
            _rest = _rest[(4 + ((length + 3) & ~3))..];
            return true;
        }
    }
}
