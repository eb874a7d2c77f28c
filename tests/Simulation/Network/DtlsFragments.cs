using System.Buffers.Binary;

namespace AsrHub.Rtc.Simulation.Tests.Network;

/// <summary>Cuts an unprotected DTLS handshake record in two (RFC 6347 s4.2.3).</summary>
internal static class DtlsFragments
{
    private const int RecordHeader = 13;
    private const int MessageHeader = 12;

    public static (byte[] First, byte[] Second) Split(ReadOnlySpan<byte> record)
    {
        var header = record[..RecordHeader];
        var message = record.Slice(RecordHeader, MessageHeader);
        var body = record[(RecordHeader + MessageHeader)..];
        var half = body.Length / 2;
        return (Fragment(header, message, body[..half], 0, 40), Fragment(header, message, body[half..], half, 41));
    }

    private static byte[] Fragment(ReadOnlySpan<byte> header, ReadOnlySpan<byte> message, ReadOnlySpan<byte> body, int offset, byte sequence)
    {
        var fragment = new byte[RecordHeader + MessageHeader + body.Length];
        header.CopyTo(fragment);
        message.CopyTo(fragment.AsSpan(RecordHeader));
        body.CopyTo(fragment.AsSpan(RecordHeader + MessageHeader));
        fragment[10] = sequence;
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(11), (ushort)(MessageHeader + body.Length));
        WriteUInt24(fragment.AsSpan(RecordHeader + 6), offset);
        WriteUInt24(fragment.AsSpan(RecordHeader + 9), body.Length);
        return fragment;
    }

    private static void WriteUInt24(Span<byte> destination, int value)
    {
        destination[0] = (byte)(value >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)value);
    }
}
