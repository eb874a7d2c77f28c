using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>What INIT and INIT ACK say (RFC 9260 s3.3.2, s3.3.3).</summary>
internal struct InitChunk
{
    /// <summary>Least receive window that a peer may announce (RFC 9260 s3.3.2).</summary>
    private const uint MinWindow = 1500;

    public uint InitiateTag;
    public uint Window;
    public ushort OutgoingStreams;
    public ushort IncomingStreams;
    public uint InitialTsn;
    public bool SupportsForwardTsn;
    public bool SupportsReset;

    /// <summary>True when the mandatory fields make sense.</summary>
    public readonly bool IsValid => InitiateTag != 0 && OutgoingStreams != 0 && IncomingStreams != 0 && Window >= MinWindow;

    /// <summary>Reads the chunk.</summary>
    /// <param name="value">What follows the chunk header.</param>
    /// <param name="init">The fields.</param>
    /// <param name="cookie">The state cookie, empty if there is none.</param>
    /// <param name="unrecognized">Receives parameters to report back, at most as many as fit; padded, one after another.</param>
    /// <param name="unrecognizedLength">How many bytes of them.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> value, out InitChunk init, out ReadOnlySpan<byte> cookie, Span<byte> unrecognized, out int unrecognizedLength)
    {
        init = default;
        cookie = default;
        unrecognizedLength = 0;
        if (value.Length < WireSize.InitFixed)
        {
            return false;
        }

        init.InitiateTag = BinaryPrimitives.ReadUInt32BigEndian(value);
        init.Window = BinaryPrimitives.ReadUInt32BigEndian(value[4..]);
        init.OutgoingStreams = BinaryPrimitives.ReadUInt16BigEndian(value[8..]);
        init.IncomingStreams = BinaryPrimitives.ReadUInt16BigEndian(value[10..]);
        init.InitialTsn = BinaryPrimitives.ReadUInt32BigEndian(value[12..]);

        var parameters = new ParameterReader(value[WireSize.InitFixed..]);
        while (parameters.TryRead(out var type, out var body, out var whole))
        {
            switch (type)
            {
                case ParameterType.StateCookie:
                    cookie = body;
                    break;
                case ParameterType.ForwardTsnSupported:
                    init.SupportsForwardTsn = true;
                    break;
                case ParameterType.SupportedExtensions:
                    init.SupportsReset |= body.Contains(ChunkType.ReConfig);
                    init.SupportsForwardTsn |= body.Contains(ChunkType.ForwardTsn);
                    break;
                case ParameterType.IPv4Address:
                case ParameterType.IPv6Address:
                case ParameterType.CookiePreservative:
                case ParameterType.SupportedAddressTypes:
                case ParameterType.UnrecognizedParameter:
                    // Addresses mean nothing over DTLS (RFC 8261 s6.1).
                    break;
                default:
                    // RFC 9260 s3.2.1: the second-highest bit asks for a report, the highest to go on with the next parameter.
                    var padded = WireSize.Pad(whole.Length);
                    if ((type & 0x4000) != 0 && unrecognizedLength + padded <= unrecognized.Length)
                    {
                        unrecognized.Slice(unrecognizedLength, padded).Clear();
                        whole.CopyTo(unrecognized[unrecognizedLength..]);
                        unrecognizedLength += padded;
                    }

                    if ((type & 0x8000) == 0)
                    {
                        return true;
                    }

                    break;
            }
        }

        return !parameters.IsMalformed;
    }

    /// <summary>Bytes that <see cref="Write"/> needs without cookie and reports.</summary>
    public const int BareLength = WireSize.InitFixed + 4 + 8;

    /// <summary>Writes the fixed fields and the extensions of this stack; a cookie and reports follow at the returned offset.</summary>
    public readonly int Write(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(value, InitiateTag);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], Window);
        BinaryPrimitives.WriteUInt16BigEndian(value[8..], OutgoingStreams);
        BinaryPrimitives.WriteUInt16BigEndian(value[10..], IncomingStreams);
        BinaryPrimitives.WriteUInt32BigEndian(value[12..], InitialTsn);
        BinaryPrimitives.WriteUInt16BigEndian(value[16..], ParameterType.ForwardTsnSupported);
        BinaryPrimitives.WriteUInt16BigEndian(value[18..], 4);
        BinaryPrimitives.WriteUInt16BigEndian(value[20..], ParameterType.SupportedExtensions);
        BinaryPrimitives.WriteUInt16BigEndian(value[22..], 6);
        value[24] = ChunkType.ReConfig;
        value[25] = ChunkType.ForwardTsn;
        value[26..BareLength].Clear();
        return BareLength;
    }
}
