using System.Net;
using AsrHub.Rtc.Signaling.Access;
using AsrHub.Rtc.Signaling.Tests.Hubs;
using AsrHub.Rtc.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace AsrHub.Rtc.Signaling.Tests.Access;

public sealed class CallerTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64")]
    [InlineData("::1", "::1")]
    public void Addresses_of_one_household_are_one_place(string address, string place) => Assert.Equal(place, Caller.Place(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1", "192.0.2.7", "192.0.2.7")]
    [InlineData("::1", "203.0.113.9, 192.0.2.7", "192.0.2.7")]
    [InlineData("127.0.0.1", "2001:db8:1:2::5", "2001:db8:1:2::/64")]
    [InlineData("127.0.0.1", "made up", "127.0.0.1")]
    [InlineData("127.0.0.1", "", "127.0.0.1")]
    [InlineData("198.51.100.4", "192.0.2.7", "198.51.100.4")]
    public void Proxy_is_believed_for_whom_it_asks_on_this_machine_alone(string connection, string forwarded, string place)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(connection);
        context.Request.Headers["X-Forwarded-For"] = forwarded;
        Assert.Equal(place, new AccessGate(new AccessOptions()).Identify(context).Address);
    }

    [Fact]
    public void Connection_without_an_address_has_no_place() => Assert.Null(Caller.Place(null));

    [Fact]
    public async Task Session_is_made_in_the_name_of_its_key_which_is_not_given_away()
    {
        const string Other = "another-key-for-tests";
        await using var server = await HubServer.StartAsync(new AccessOptions { Keys = [HubServer.Key, Other] });
        foreach (var key in new[] { HubServer.Key, HubServer.Key, Other })
        {
            await using var hub = await RawHubClient.ConnectAsync(server.Address, key);
            _ = await hub.InvokeAsync("CreateSession", [null]);
        }

        var callers = server.Host.Callers;
        Assert.All(callers, static caller => Assert.Equal("127.0.0.1", caller.Address));
        Assert.Equal(callers[0].Key, callers[1].Key);
        Assert.NotEqual(callers[0].Key, callers[2].Key);
        Assert.NotNull(callers[2].Key);
        Assert.DoesNotContain(HubServer.Key, callers[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_of_the_servers_own_has_an_address_and_no_key()
    {
        await using var server = await HubServer.StartAsync();
        await using var hub = await RawHubClient.ConnectAsync(server.Address, origin: server.Address.GetLeftPart(UriPartial.Authority));
        _ = await hub.InvokeAsync("CreateSession", [null]);
        Assert.Equal([new Caller(null, "127.0.0.1")], server.Host.Callers);
    }

    [Fact]
    public async Task Wrong_key_of_one_who_needs_none_names_nobody()
    {
        await using var server = await HubServer.StartAsync(new AccessOptions { Keys = [HubServer.Key], AllowAnonymous = true });
        await using var hub = await RawHubClient.ConnectAsync(server.Address, "made-up-by-the-caller");
        _ = await hub.InvokeAsync("CreateSession", [null]);
        Assert.Equal([new Caller(null, "127.0.0.1")], server.Host.Callers);
    }
}
