using System.Buffers.Binary;
using System.Text;
using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.DataChannels;

/// <summary>DATA_CHANNEL_OPEN and DATA_CHANNEL_ACK (RFC 8832 s5).</summary>
/// <param name="Label">Name of the channel.</param>
/// <param name="Protocol">Sub-protocol.</param>
/// <param name="Reliability">How messages are delivered, in both directions (RFC 8832 s6).</param>
internal readonly record struct DcepOpen(string Label, string Protocol, SctpReliability Reliability)
{
    public const byte OpenType = 0x03;
    public const byte AckType = 0x02;

    private const int Fixed = 12;
    private const byte UnorderedBit = 0x80;
    private const byte Reliable = 0x00;
    private const byte PartialRetransmits = 0x01;
    private const byte PartialLifetime = 0x02;
    private const ushort NormalPriority = 256;

    /// <summary>Reads an OPEN. Lengths that do not add up, unknown channel types and text that is not UTF-8 are refused.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out DcepOpen open)
    {
        open = default;
        if (message.Length < Fixed || message[0] != OpenType)
        {
            return false;
        }

        var type = message[1];
        var parameter = BinaryPrimitives.ReadUInt32BigEndian(message[4..]);
        int labelLength = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        int protocolLength = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        if (message.Length != Fixed + labelLength + protocolLength)
        {
            return false;
        }

        var unordered = (type & UnorderedBit) != 0;
        SctpReliability? reliability = (type & ~UnorderedBit) switch
        {
            Reliable => new SctpReliability(unordered),
            PartialRetransmits => new SctpReliability(unordered, MaxRetransmits: (int)Math.Min(parameter, int.MaxValue)),
            PartialLifetime => new SctpReliability(unordered, MaxLifetime: parameter * Micros.Millisecond),
            _ => null,
        };

        var label = message.Slice(Fixed, labelLength);
        var protocol = message[(Fixed + labelLength)..];
        if (reliability is null || !System.Text.Unicode.Utf8.IsValid(label) || !System.Text.Unicode.Utf8.IsValid(protocol))
        {
            return false;
        }

        open = new DcepOpen(Encoding.UTF8.GetString(label), Encoding.UTF8.GetString(protocol), reliability.Value);
        return true;
    }

    /// <summary>Writes the OPEN.</summary>
    public byte[] Write()
    {
        var labelLength = Encoding.UTF8.GetByteCount(Label);
        var protocolLength = Encoding.UTF8.GetByteCount(Protocol);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(labelLength, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(protocolLength, ushort.MaxValue);
        var message = new byte[Fixed + labelLength + protocolLength];
        var (kind, parameter) = Reliability switch
        {
            { MaxRetransmits: { } retransmits } => (PartialRetransmits, (uint)retransmits),
            { MaxLifetime: { } lifetime } => (PartialLifetime, (uint)(lifetime / Micros.Millisecond)),
            _ => (Reliable, 0u),
        };
        message[0] = OpenType;
        message[1] = Reliability.Unordered ? (byte)(kind | UnorderedBit) : kind;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), NormalPriority);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), parameter);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(8), (ushort)labelLength);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(10), (ushort)protocolLength);
        _ = Encoding.UTF8.GetBytes(Label, message.AsSpan(Fixed));
        _ = Encoding.UTF8.GetBytes(Protocol, message.AsSpan(Fixed + labelLength));
        return message;
    }
}
