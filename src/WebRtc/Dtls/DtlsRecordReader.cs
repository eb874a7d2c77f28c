using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>Kinds of DTLS record (RFC 6347 s4.1).</summary>
internal enum DtlsContentType : byte
{
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
}

/// <summary>Splits a datagram into its DTLS 1.2 records without looking inside them (RFC 6347 s4.1, s4.1.1).</summary>
internal ref struct DtlsRecordReader
{
    private const int HeaderLength = 13;
    private ReadOnlySpan<byte> _rest;

    public DtlsRecordReader(ReadOnlySpan<byte> datagram)
    {
        _rest = datagram;
        Record = default;
        Type = default;
        Epoch = 0;
    }

    public ReadOnlySpan<byte> Record { get; private set; }

    public DtlsContentType Type { get; private set; }

    public ushort Epoch { get; private set; }

    /// <summary>Moves to the next whole record. What is malformed ends the datagram: nothing after it can be found.</summary>
    public bool Next()
    {
        if (_rest.Length < HeaderLength || _rest[0] is < 20 or > 23 || _rest[1] != 0xFE)
        {
            return false;
        }

        var length = HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(_rest[11..]);
        if (length > _rest.Length)
        {
            return false;
        }

        Type = (DtlsContentType)_rest[0];
        Epoch = BinaryPrimitives.ReadUInt16BigEndian(_rest[3..]);
        Record = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    /// <summary>
    /// Gives the unprotected records of a datagram the next sequence numbers. Epoch 0 is not authenticated, so this needs no keys (RFC 6347 s4.1.2.1).
    /// </summary>
    /// <param name="datagram">One datagram from OpenSSL.</param>
    /// <param name="sequence">The number to start with; on return that of the next record.</param>
    public static void Renumber(Span<byte> datagram, ref ulong sequence)
    {
        while (datagram.Length >= HeaderLength)
        {
            // Epoch and sequence number are one 64-bit word; with epoch 0 it is the number alone.
            if (BinaryPrimitives.ReadUInt16BigEndian(datagram[3..]) == 0)
            {
                BinaryPrimitives.WriteUInt64BigEndian(datagram[3..], sequence++);
            }

            datagram = datagram[Math.Min(datagram.Length, HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(datagram[11..]))..];
        }
    }
}
