using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace AsrHub.Rtc.WebRtc;

/// <summary>
/// An IP address and UDP port as a value key that can be stored without allocation.
/// IPv4-mapped IPv6 (<c>::ffff:a.b.c.d</c>) is kept as the IPv4 address it stands for, so that both spellings are one peer.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct TransportAddress : IEquatable<TransportAddress>
{
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly uint _scope;

    /// <summary>Makes a key from 4 or 16 network-order address bytes.</summary>
    /// <param name="address">4 bytes (IPv4) or 16 bytes (IPv6).</param>
    /// <param name="port">UDP port.</param>
    /// <param name="scope">IPv6 scope id of a link-local address, else 0.</param>
    public TransportAddress(ReadOnlySpan<byte> address, ushort port, uint scope = 0)
    {
        if (address.Length == 4)
        {
            _high = 0;
            _low = 0x0000_FFFF_0000_0000UL | System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address);
        }
        else if (address.Length == 16)
        {
            _high = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(address);
            _low = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(address[8..]);
        }
        else
        {
            throw new ArgumentException($"An IP address has 4 or 16 bytes, not {address.Length}.", nameof(address));
        }

        Port = port;
        _scope = IsIPv4 ? 0 : scope;
    }

    /// <summary>UDP port.</summary>
    public ushort Port { get; }

    /// <summary>True for an IPv4 address, however it was spelled.</summary>
    public bool IsIPv4 => _high == 0 && (_low >> 32) == 0x0000_FFFF;

    /// <summary>True for <c>default</c>, which is no address.</summary>
    public bool IsNone => _high == 0 && _low == 0 && Port == 0;

    /// <summary>Converts from the framework's type (allocates; not for the packet path).</summary>
    public static TransportAddress From(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Span<byte> bytes = stackalloc byte[16];
        _ = endPoint.Address.TryWriteBytes(bytes, out var written);
        var scope = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)endPoint.Address.ScopeId : 0;
        return new TransportAddress(bytes[..written], (ushort)endPoint.Port, scope);
    }

    /// <summary>Writes the address in network order.</summary>
    /// <param name="destination">At least 16 bytes.</param>
    /// <returns>4 or 16: the number of bytes written.</returns>
    public int WriteAddress(Span<byte> destination)
    {
        if (IsIPv4)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
            return 4;
        }

        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
        return 16;
    }

    /// <summary>Converts to the framework's type (allocates; not for the packet path).</summary>
    public IPEndPoint ToIPEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        var length = WriteAddress(bytes);
        var address = length == 4 ? new IPAddress(bytes[..4]) : new IPAddress(bytes, _scope);
        return new IPEndPoint(address, Port);
    }

    /// <inheritdoc/>
    public bool Equals(TransportAddress other) => _low == other._low && _high == other._high && Port == other.Port && _scope == other._scope;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TransportAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_high, _low, Port, _scope);

    /// <inheritdoc/>
    public override string ToString() => ToIPEndPoint().ToString();

    /// <summary>Equality.</summary>
    public static bool operator ==(TransportAddress left, TransportAddress right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(TransportAddress left, TransportAddress right) => !left.Equals(right);
}
