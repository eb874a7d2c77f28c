using System.Buffers.Binary;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>Translates between <c>sockaddr_in</c>/<c>sockaddr_in6</c> and <see cref="TransportAddress"/> without allocating.</summary>
internal static class SocketAddressBytes
{
    /// <summary>Size of the larger one, <c>sockaddr_in6</c>.</summary>
    public const int MaxLength = 28;

    private const ushort FamilyIPv4 = 2;
    private const ushort FamilyIPv6 = 10;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out TransportAddress address)
    {
        address = default;
        if (bytes.Length < 16)
        {
            return false;
        }

        var family = BitConverter.ToUInt16(bytes);
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (family == FamilyIPv4)
        {
            address = new TransportAddress(bytes.Slice(4, 4), port);
            return true;
        }

        if (family == FamilyIPv6 && bytes.Length >= MaxLength)
        {
            address = new TransportAddress(bytes.Slice(8, 16), port, BitConverter.ToUInt32(bytes[24..]));
            return true;
        }

        return false;
    }

    /// <param name="address">Where to; no link-local address, for none is ever bound.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(TransportAddress address, Span<byte> destination)
    {
        destination[..MaxLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], address.Port);
        if (address.IsIPv4)
        {
            _ = BitConverter.TryWriteBytes(destination, FamilyIPv4);
            Span<byte> bytes = stackalloc byte[16];
            _ = address.WriteAddress(bytes);
            bytes[..4].CopyTo(destination[4..]);
            return 16;
        }

        _ = BitConverter.TryWriteBytes(destination, FamilyIPv6);
        _ = address.WriteAddress(destination[8..]);
        return MaxLength;
    }
}
