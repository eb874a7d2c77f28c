using System.Net;
using System.Net.Sockets;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>
/// Chooses which of the machine's addresses to bind and advertise: global and private ones, not loopback alone (Firefox pairs nothing with it), no
/// link-local ones (they need a scope that means nothing elsewhere).
/// </summary>
public static class LocalAddresses
{
    /// <summary>Most addresses that are bound; each is one more candidate for every client to check.</summary>
    public const int MaxAddresses = 16;

    /// <summary>Chooses from the addresses of the machine.</summary>
    /// <param name="all">What the machine has.</param>
    /// <param name="configured">Addresses to use instead; <c>0.0.0.0</c> and <c>::</c> stand for the automatic choice within their family. Empty: automatic.</param>
    /// <param name="includeLoopback">Also take loopback. It is taken anyway where there is nothing else.</param>
    /// <returns>Addresses to bind, the preferred one first; never empty.</returns>
    /// <exception cref="EdgeException">There is none, or a configured one makes no sense.</exception>
    public static IReadOnlyList<IPAddress> Choose(IReadOnlyList<HostAddress> all, IReadOnlyList<string> configured, bool includeLoopback)
    {
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(configured);
        List<IPAddress> chosen = [];
        if (configured.Count == 0)
        {
            AddAutomatic(chosen, all, null, includeLoopback);
        }

        foreach (var text in configured)
        {
            var address = ParseConfigured(text);
            if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            {
                AddAutomatic(chosen, all, address.AddressFamily, includeLoopback);
            }
            else
            {
                AddOnce(chosen, address);
            }
        }

        if (chosen.Count == 0)
        {
            throw new EdgeException(
                "This machine has no usable IP address for audio: it has "
                + (all.Count == 0 ? "none at all" : string.Join(", ", all.Select(a => $"{a.Address} ({a.InterfaceName})")))
                + ". Connect it to a network, or name an address in Media:Addresses.");
        }

        return chosen.Count <= MaxAddresses ? chosen : chosen.GetRange(0, MaxAddresses);
    }

    /// <summary>Reads the addresses that clients are told besides the local ones (1:1 NAT).</summary>
    /// <exception cref="EdgeException">One of them is no address that a client could reach.</exception>
    public static IReadOnlyList<IPAddress> ParsePublic(IReadOnlyList<string> configured)
    {
        ArgumentNullException.ThrowIfNull(configured);
        List<IPAddress> addresses = [];
        foreach (var text in configured)
        {
            if (!IPAddress.TryParse(text, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
                || address.IsIPv6LinkLocal || address.IsIPv6Multicast)
            {
                throw new EdgeException($"Media:PublicAddresses has \"{text}\", which is no IP address that a client can send to. Write the public address itself, such as 203.0.113.7; names are not resolved.");
            }

            AddOnce(addresses, address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        }

        return addresses;
    }

    private static IPAddress ParseConfigured(string text)
    {
        if (!IPAddress.TryParse(text, out var address))
        {
            throw new EdgeException($"Media:Addresses has \"{text}\", which is no IP address. Write an address of this machine, such as 192.0.2.7, or leave the list empty to use them all.");
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (IsLinkLocal(address) || IsMulticast(address))
        {
            throw new EdgeException($"Media:Addresses has \"{text}\", a link-local or multicast address that clients cannot use. Write a global or private address of this machine.");
        }

        return address;
    }

    private static void AddAutomatic(List<IPAddress> chosen, IReadOnlyList<HostAddress> all, AddressFamily? family, bool includeLoopback)
    {
        var before = chosen.Count;

        // Within a rank the system's order stands.
        for (var rank = 0; rank <= 3; rank++)
        {
            foreach (var candidate in all)
            {
                if (IsWanted(candidate, all) && Rank(candidate.Address) == rank && (family is null || candidate.Address.AddressFamily == family))
                {
                    AddOnce(chosen, candidate.Address);
                }
            }
        }

        if (!includeLoopback && chosen.Count > before)
        {
            return;
        }

        foreach (var candidate in all)
        {
            if (IPAddress.IsLoopback(candidate.Address) && (family is null || candidate.Address.AddressFamily == family))
            {
                AddOnce(chosen, candidate.Address);
            }
        }
    }

    private static bool IsWanted(HostAddress candidate, IReadOnlyList<HostAddress> all)
    {
        var address = candidate.Address;
        if (!candidate.IsUsable || IPAddress.IsLoopback(address) || IsLinkLocal(address) || IsMulticast(address) || address.IsIPv6SiteLocal || address.IsIPv4MappedToIPv6)
        {
            return false;
        }

        // A server wants its lasting address; a temporary one serves only where its interface has no other.
        return !candidate.IsTemporary || !all.Any(other => !other.IsTemporary && other.IsUsable && other.InterfaceName == candidate.InterfaceName
            && other.Address.AddressFamily == AddressFamily.InterNetworkV6 && !IsLinkLocal(other.Address) && IsUniqueLocal(other.Address) == IsUniqueLocal(address));
    }

    private static int Rank(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => IsPrivate(address) ? 2 : 0,
        _ => IsUniqueLocal(address) ? 3 : 1,
    };

    private static void AddOnce(List<IPAddress> chosen, IPAddress address)
    {
        if (!chosen.Contains(address))
        {
            chosen.Add(address);
        }
    }

    private static bool IsLinkLocal(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return address.IsIPv6LinkLocal;
        }

        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out _) && bytes[0] == 169 && bytes[1] == 254;
    }

    private static bool IsMulticast(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return address.IsIPv6Multicast;
        }

        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out _) && bytes[0] >= 224;
    }

    // RFC 1918, and the shared space of carriers and VPNs (RFC 6598).
    private static bool IsPrivate(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        _ = address.TryWriteBytes(bytes, out _);
        return bytes[0] == 10
            || (bytes[0] == 172 && bytes[1] is >= 16 and <= 31)
            || (bytes[0] == 192 && bytes[1] == 168)
            || (bytes[0] == 100 && bytes[1] is >= 64 and <= 127);
    }

    private static bool IsUniqueLocal(IPAddress address) => address.IsIPv6UniqueLocal;
}
