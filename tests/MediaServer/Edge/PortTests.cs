using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

public sealed class PortTests
{
    [Fact]
    public void All_sockets_have_one_port_and_are_advertised()
    {
        using var fixture = new EdgeFixture("127.0.0.1", "127.0.0.2", "::1");
        Assert.InRange(fixture.Edge.Port, 1, 65535);
        Assert.Equal(
            [Address("127.0.0.1"), Address("127.0.0.2"), Address("::1")],
            fixture.Edge.Candidates);

        TransportAddress Address(string text) => TransportAddress.From(new IPEndPoint(IPAddress.Parse(text), fixture.Edge.Port));
    }

    [Theory]
    [InlineData(true, "203.0.113.7 127.0.0.1")]
    [InlineData(false, "203.0.113.7")]
    public void Public_addresses_are_advertised_first(bool advertiseLocal, string expected)
    {
        using var fixture = new EdgeFixture(new UdpEdgeOptions { Port = 0, Addresses = ["127.0.0.1"], PublicAddresses = ["203.0.113.7"], AdvertiseLocal = advertiseLocal });
        Assert.Equal(expected, string.Join(' ', fixture.Edge.Candidates.Select(c => c.ToIPEndPoint().Address)));
    }

    [Fact]
    public void A_port_in_use_is_named_with_its_setting()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)other.LocalEndPoint!).Port;
        var problem = Assert.Throws<EdgeException>(() => new EdgeFixture(new UdpEdgeOptions { Port = port, Addresses = ["127.0.0.1"] }));
        Assert.Contains(port.ToString(CultureInfo.InvariantCulture), problem.Message, StringComparison.Ordinal);
        Assert.Contains("Media:Port", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_of_another_machine_is_named_with_its_setting()
    {
        var problem = Assert.Throws<EdgeException>(() => new EdgeFixture("203.0.113.250"));
        Assert.Contains("203.0.113.250", problem.Message, StringComparison.Ordinal);
        Assert.Contains("Media:PublicAddresses", problem.Message, StringComparison.Ordinal);
    }
}
