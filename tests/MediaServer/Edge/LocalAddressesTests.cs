using System.Net;
using AsrHub.Rtc.MediaServer.Edge;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

public sealed class LocalAddressesTests
{
    [Fact]
    public void Takes_global_and_private_addresses_the_global_first_and_nothing_link_local()
    {
        var chosen = Choose("lo 127.0.0.1", "lo ::1", "eth0 192.168.1.5", "eth0 fd00::5", "eth0 fe80::1", "eth0 2001:db8::5", "eth1 203.0.113.9", "eth2 169.254.3.3");
        Assert.Equal(["203.0.113.9", "2001:db8::5", "192.168.1.5", "fd00::5"], chosen);
    }

    [Fact]
    public void Loopback_is_taken_when_there_is_nothing_else()
    {
        Assert.Equal(["127.0.0.1", "::1"], Choose("lo 127.0.0.1", "lo ::1", "eth0 fe80::1"));
    }

    [Fact]
    public void Loopback_is_taken_when_asked_for()
    {
        var chosen = LocalAddresses.Choose(Parse("lo 127.0.0.1", "eth0 10.0.0.2"), [], includeLoopback: true);
        Assert.Equal(["10.0.0.2", "127.0.0.1"], chosen.Select(a => a.ToString()));
    }

    [Fact]
    public void Temporary_deprecated_and_tentative_addresses_give_way_to_lasting_ones()
    {
        HostAddress[] all =
        [
            new(IPAddress.Parse("2001:db8::aaaa"), "eth0", IsTemporary: true),
            new(IPAddress.Parse("2001:db8::5"), "eth0"),
            new(IPAddress.Parse("2001:db8:1::bbbb"), "wlan0", IsTemporary: true),
            new(IPAddress.Parse("2001:db8::dead"), "eth0", IsUsable: false),
        ];
        Assert.Equal(["2001:db8::5", "2001:db8:1::bbbb"], LocalAddresses.Choose(all, [], false).Select(a => a.ToString()));
    }

    [Fact]
    public void Configured_addresses_replace_the_automatic_ones()
    {
        Assert.Equal(["10.9.9.9"], LocalAddresses.Choose(Parse("eth0 192.168.1.5"), ["10.9.9.9", "10.9.9.9", "::ffff:10.9.9.9"], false).Select(a => a.ToString()));
    }

    [Fact]
    public void A_wildcard_means_the_automatic_choice_of_its_family()
    {
        var all = Parse("eth0 192.168.1.5", "eth0 fd00::5");
        Assert.Equal(["192.168.1.5"], LocalAddresses.Choose(all, ["0.0.0.0"], false).Select(a => a.ToString()));
        Assert.Equal(["fd00::5"], LocalAddresses.Choose(all, ["::"], false).Select(a => a.ToString()));
    }

    [Fact]
    public void Many_addresses_are_cut_to_a_bound()
    {
        var all = Enumerable.Range(1, 100).Select(i => new HostAddress(new IPAddress([10, 0, 0, (byte)i]), "eth0")).ToList();
        Assert.Equal(LocalAddresses.MaxAddresses, LocalAddresses.Choose(all, [], false).Count);
    }

    [Fact]
    public void No_usable_address_names_the_setting_and_what_there_is()
    {
        var problem = Assert.Throws<EdgeException>(() => Choose("eth0 fe80::1"));
        Assert.Contains("Media:Addresses", problem.Message, StringComparison.Ordinal);
        Assert.Contains("fe80::1", problem.Message, StringComparison.Ordinal);
        Assert.Contains("none at all", Assert.Throws<EdgeException>(() => Choose()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.org")]
    [InlineData("fe80::1")]
    [InlineData("239.1.1.1")]
    public void A_configured_address_that_makes_no_sense_is_named(string text)
    {
        var problem = Assert.Throws<EdgeException>(() => LocalAddresses.Choose(Parse("eth0 10.0.0.1"), [text], false));
        Assert.Contains(text, problem.Message, StringComparison.Ordinal);
        Assert.Contains("Media:Addresses", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Public_addresses_are_addresses()
    {
        Assert.Equal(["203.0.113.7", "2001:db8::7"], LocalAddresses.ParsePublic(["203.0.113.7", "2001:db8::7"]).Select(a => a.ToString()));
        var problem = Assert.Throws<EdgeException>(() => LocalAddresses.ParsePublic(["stt.example.org"]));
        Assert.Contains("Media:PublicAddresses", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void This_machine_has_loopback() => Assert.Contains(HostAddress.GetAll(), a => a.Address.Equals(IPAddress.Loopback) && a.IsUsable);

    private static IEnumerable<string> Choose(params string[] addresses) => LocalAddresses.Choose(Parse(addresses), [], includeLoopback: false).Select(a => a.ToString());

    private static List<HostAddress> Parse(params string[] addresses) =>
        [.. addresses.Select(a => a.Split(' ')).Select(a => new HostAddress(IPAddress.Parse(a[1]), a[0]))];
}
