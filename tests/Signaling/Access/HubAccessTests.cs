using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using AsrHub.Rtc.Signaling.Access;
using AsrHub.Rtc.Signaling.Tests.Hubs;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.Signaling.Tests.Access;

public sealed class HubAccessTests
{
    [Theory]
    [InlineData(null, null, HttpStatusCode.Unauthorized, "missing_key")]
    [InlineData("not-the-key-at-all", null, HttpStatusCode.Unauthorized, "invalid_key")]
    [InlineData(HubServer.Key, "https://evil.example", HttpStatusCode.Forbidden, "origin_not_allowed")]
    [InlineData(HubServer.Key, "null", HttpStatusCode.Forbidden, "origin_not_allowed")]
    [InlineData(null, "http://localhost:1", HttpStatusCode.Forbidden, "origin_not_allowed")]
    public async Task Negotiation_is_refused_by_name(string? key, string? origin, HttpStatusCode status, string code)
    {
        await using var server = await HubServer.StartAsync();
        using var response = await RawHubClient.NegotiateAsync(server.Address, key, origin);
        Assert.Equal(status, response.StatusCode);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(code, body.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("not-the-key-at-all", null)]
    [InlineData(HubServer.Key, "https://evil.example")]
    public async Task WebSocket_that_skips_negotiation_is_refused_as_well(string? key, string? origin)
    {
        await using var server = await HubServer.StartAsync();
        _ = await Assert.ThrowsAsync<WebSocketException>(() => RawHubClient.ConnectAsync(server.Address, key, origin));
    }

    [Fact]
    public async Task Page_of_the_servers_own_needs_no_key_on_loopback()
    {
        await using var server = await HubServer.StartAsync();
        await using var client = await RawHubClient.ConnectAsync(server.Address, origin: server.Address.GetLeftPart(UriPartial.Authority));
        _ = await client.InvokeAsync("CreateSession", [null]);
    }

    [Fact]
    public async Task Own_page_needs_a_key_where_loopback_is_not_trusted()
    {
        await using var server = await HubServer.StartAsync(new AccessOptions { Keys = [HubServer.Key], TrustLoopback = false });
        using var response = await RawHubClient.NegotiateAsync(server.Address, origin: server.Address.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Allowed_origin_with_the_key_passes_and_without_it_does_not()
    {
        await using var server = await HubServer.StartAsync(new AccessOptions { Keys = [HubServer.Key], AllowedOrigins = ["https://app.example"] });
        using var with = await RawHubClient.NegotiateAsync(server.Address, HubServer.Key, "https://app.example");
        using var without = await RawHubClient.NegotiateAsync(server.Address, null, "https://app.example");
        Assert.Equal(HttpStatusCode.OK, with.StatusCode);
        Assert.Equal("https://app.example", with.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
    }

    [Fact]
    public async Task Anonymous_use_is_let_in_when_switched_on_but_not_from_other_origins()
    {
        await using var server = await HubServer.StartAsync(new AccessOptions { Keys = [HubServer.Key], AllowAnonymous = true });
        using var plain = await RawHubClient.NegotiateAsync(server.Address);
        using var other = await RawHubClient.NegotiateAsync(server.Address, origin: "https://evil.example");
        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
    }

    [Fact]
    public async Task Key_in_the_query_opens_a_WebSocket_for_browsers()
    {
        await using var server = await HubServer.StartAsync();
        using var http = new HttpClient();
        using var response = await http.PostAsync(new Uri(server.Address, $"/hubs/signaling/negotiate?negotiateVersion=1&access_token={HubServer.Key}"), null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
