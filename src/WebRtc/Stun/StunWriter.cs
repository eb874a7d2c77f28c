using System.Buffers.Binary;
using System.Text;

namespace AsrHub.Rtc.WebRtc.Stun;

/// <summary>
/// Writes one STUN message into a span. The header's length is right after every call. Call <see cref="AddIntegrity"/> after all that it must
/// cover and <see cref="AddFingerprint"/> last (RFC 8489 s14.5, s14.7).
/// </summary>
public ref struct StunWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    /// <summary>Begins a message.</summary>
    /// <param name="buffer">Where to write; 256 bytes are plenty for any message of an ICE agent.</param>
    /// <param name="messageClass">Class of the message.</param>
    /// <param name="method">Method, such as <see cref="StunMessage.BindingMethod"/>.</param>
    /// <param name="transactionId">12 bytes: random for a request, copied from the request for a response.</param>
    public StunWriter(Span<byte> buffer, StunClass messageClass, ushort method, ReadOnlySpan<byte> transactionId)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(transactionId.Length, 12);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(method, 0xFFF);
        _buffer = buffer;
        _length = StunMessage.HeaderLength;
        var classBits = (int)messageClass;
        var type = ((method & 0xF80) << 2) | ((method & 0x070) << 1) | (method & 0x00F) | ((classBits & 2) << 7) | ((classBits & 1) << 4);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        transactionId.CopyTo(buffer[8..]);
    }

    /// <summary>Bytes written so far.</summary>
    public readonly int Length => _length;

    /// <summary>Adds an attribute with a value of bytes.</summary>
    public void Add(StunAttributeType type, ReadOnlySpan<byte> value) => value.CopyTo(Reserve(type, value.Length));

    /// <summary>Adds a 32-bit attribute such as PRIORITY.</summary>
    public void Add(StunAttributeType type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(type, 4), value);

    /// <summary>Adds a 64-bit attribute such as ICE-CONTROLLING.</summary>
    public void Add(StunAttributeType type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(type, 8), value);

    /// <summary>Adds XOR-MAPPED-ADDRESS (RFC 8489 s14.2).</summary>
    public void AddXorMappedAddress(TransportAddress address)
    {
        Span<byte> plain = stackalloc byte[16];
        var addressLength = address.WriteAddress(plain);
        var value = Reserve(StunAttributeType.XorMappedAddress, 4 + addressLength);
        value[0] = 0;
        value[1] = (byte)(addressLength == 4 ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ (StunMessage.MagicCookie >> 16)));
        for (var i = 0; i < addressLength; i++)
        {
            value[4 + i] = (byte)(plain[i] ^ _buffer[4 + i]);
        }
    }

    /// <summary>Adds ERROR-CODE (RFC 8489 s14.8).</summary>
    /// <param name="code">300 to 699.</param>
    /// <param name="reason">Short ASCII phrase, may be empty.</param>
    public void AddErrorCode(int code, string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 300);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 699);
        var value = Reserve(StunAttributeType.ErrorCode, 4 + reason.Length);
        value[0] = 0;
        value[1] = 0;
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        _ = Encoding.ASCII.GetBytes(reason, value[4..]);
    }

    /// <summary>Adds UNKNOWN-ATTRIBUTES (RFC 8489 s14.13).</summary>
    public void AddUnknownAttributes(ReadOnlySpan<ushort> types)
    {
        var value = Reserve(StunAttributeType.UnknownAttributes, types.Length * 2);
        for (var i = 0; i < types.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value[(i * 2)..], types[i]);
        }
    }

    /// <summary>Adds MESSAGE-INTEGRITY over all that was written before.</summary>
    /// <param name="key">The short-term password's bytes.</param>
    public void AddIntegrity(ReadOnlySpan<byte> key)
    {
        var offset = _length;
        var tag = Reserve(StunAttributeType.MessageIntegrity, StunIntegrity.TagLength);
        StunIntegrity.Compute(key, _buffer, offset, tag);
    }

    /// <summary>Adds FINGERPRINT; nothing may follow.</summary>
    public void AddFingerprint()
    {
        var offset = _length;
        var value = Reserve(StunAttributeType.Fingerprint, 4);
        BinaryPrimitives.WriteUInt32BigEndian(value, StunMessage.ComputeFingerprint(_buffer[..offset]));
    }

    private Span<byte> Reserve(StunAttributeType type, int valueLength)
    {
        var padded = (valueLength + 3) & ~3;
        var attribute = _buffer.Slice(_length, 4 + padded);
        BinaryPrimitives.WriteUInt16BigEndian(attribute, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)valueLength);
        attribute[(4 + valueLength)..].Clear();
        _length += 4 + padded;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_length - StunMessage.HeaderLength));
        return attribute.Slice(4, valueLength);
    }
}
