using System.Net;
using System.Net.Sockets;

namespace AsrHub.Rtc.Signaling.Access;

/// <summary>Who calls, as far as limits go. Neither value gives a secret away.</summary>
/// <param name="Key">Names the access key that came with the request; null where none was needed.</param>
/// <param name="Address">The address that the request came from: behind a proxy on another machine, the proxy's.</param>
public sealed record Caller(string? Key, string? Address)
{
    private const int NetworkBytes = 8;

    /// <summary>Somebody of whom nothing is known.</summary>
    public static Caller Unknown { get; } = new(null, null);

    /// <summary>What counts as one address: of IPv6 the first 64 bits, since every household has as many of the rest as it likes.</summary>
    /// <param name="address">Address of the connection.</param>
    public static string? Place(IPAddress? address)
    {
        if (address is null)
        {
            return null;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
