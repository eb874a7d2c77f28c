using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>One unicast address of this machine.</summary>
/// <param name="Address">The address.</param>
/// <param name="InterfaceName">Name of its interface.</param>
/// <param name="IsTemporary">An IPv6 privacy address (RFC 8981), which goes away after hours.</param>
/// <param name="IsUsable">False while it is tentative, deprecated or a duplicate.</param>
public sealed record HostAddress(IPAddress Address, string InterfaceName, bool IsTemporary = false, bool IsUsable = true)
{
    private const string FlagsFile = "/proc/net/if_inet6";

    // Kernel: include/uapi/linux/if_addr.h.
    private const int FlagTemporary = 0x01;
    private const int FlagsUnusable = 0x08 | 0x20 | 0x40;

    /// <summary>Asks the system for all addresses of interfaces that are up.</summary>
    public static IReadOnlyList<HostAddress> GetAll()
    {
        var flags = ReadIPv6Flags();
        List<HostAddress> all = [];
        foreach (var networkInterface in NetworkInterface.GetAllNetworkInterfaces())
        {
            // Loopback reports "unknown", as some virtual interfaces do.
            if (networkInterface.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown))
            {
                continue;
            }

            foreach (var unicast in networkInterface.GetIPProperties().UnicastAddresses)
            {
                var bits = unicast.Address.AddressFamily == AddressFamily.InterNetworkV6
                    ? flags.GetValueOrDefault(Convert.ToHexStringLower(unicast.Address.GetAddressBytes()))
                    : 0;
                all.Add(new HostAddress(unicast.Address, networkInterface.Name, (bits & FlagTemporary) != 0, (bits & FlagsUnusable) == 0));
            }
        }

        return all;
    }

    private static Dictionary<string, int> ReadIPv6Flags()
    {
        Dictionary<string, int> flags = [];
        if (!File.Exists(FlagsFile))
        {
            return flags;
        }

        // address, interface index, prefix length, scope, flags, interface name
        foreach (var line in File.ReadLines(FlagsFile))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 5 && int.TryParse(fields[4], System.Globalization.NumberStyles.HexNumber, null, out var bits))
            {
                flags[fields[0]] = bits;
            }
        }

        return flags;
    }
}
