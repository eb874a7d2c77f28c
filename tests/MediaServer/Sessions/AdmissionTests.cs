using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.MediaServer.Tests.Edge;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace AsrHub.Rtc.MediaServer.Tests.Sessions;

/// <summary>How many sessions one caller may have.</summary>
public sealed class AdmissionTests
{
    private const string OtherKey = "another-key-for-tests";

    [Fact]
    public async Task Key_with_all_the_sessions_it_may_have_gets_no_more_and_another_does()
    {
        await using var server = await StartAsync(static sessions => sessions with { MaxPerKey = 2 });
        await using var hub = await server.ConnectHubAsync();
        await using var same = await server.ConnectHubAsync();
        await using var other = await RawHubClient.ConnectAsync(server.Address, OtherKey);
        _ = await hub.InvokeAsync("CreateSession", [null]);
        _ = await same.InvokeAsync("CreateSession", [null]);

        var refused = await Assert.ThrowsAsync<HubCallException>(() => hub.InvokeAsync("CreateSession", [null]));
        Assert.Equal("too_many_sessions", refused.Code);
        Assert.Contains("has 2 sessions", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Sessions:MaxPerKey", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ServerFixture.Key, refused.Message, StringComparison.Ordinal);
        _ = await other.InvokeAsync("CreateSession", [null]);

        _ = await hub.InvokeAsync("Close", "sess_1");
        _ = await same.InvokeAsync("CreateSession", [null]);
    }

    [Fact]
    public async Task Address_with_all_the_sessions_it_may_have_gets_no_more_whatever_its_key()
    {
        await using var server = await StartAsync(static sessions => sessions with { MaxPerAddress = 1 });
        await using var hub = await server.ConnectHubAsync();
        await using var other = await RawHubClient.ConnectAsync(server.Address, OtherKey);
        _ = await hub.InvokeAsync("CreateSession", [null]);

        var refused = await Assert.ThrowsAsync<HubCallException>(() => other.InvokeAsync("CreateSession", [null]));
        Assert.Equal("too_many_sessions", refused.Code);
        Assert.Contains("127.0.0.1 has 1 session", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Sessions:MaxPerAddress", refused.Message, StringComparison.Ordinal);
        _ = await hub.InvokeAsync("Close", "sess_1");
        _ = await other.InvokeAsync("CreateSession", [null]);
    }

    [Fact]
    public async Task Sessions_of_one_key_share_and_those_of_another_have_a_share_of_their_own()
    {
        await using var server = await StartAsync(static sessions => sessions);
        await using var hub = await server.ConnectHubAsync();
        await using var same = await server.ConnectHubAsync();
        await using var other = await RawHubClient.ConnectAsync(server.Address, OtherKey);
        _ = await hub.InvokeAsync("CreateSession", [null]);
        _ = await same.InvokeAsync("CreateSession", [null]);
        _ = await other.InvokeAsync("CreateSession", [null]);

        var tenants = server.Engine.Tenants.ToArray();
        Assert.Equal(tenants[0], tenants[1]);
        Assert.NotEqual(tenants[0], tenants[2]);
        Assert.DoesNotContain(ServerFixture.Key, tenants);
    }

    [Fact]
    public async Task Refused_sessions_are_counted_by_code()
    {
        await using var server = await StartAsync(static sessions => sessions with { Max = 1 });
        var meter = server.App.Services.GetRequiredService<EngineMeter>().Meter;
        var codes = new ConcurrentQueue<object?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (instrument.Meter == meter && instrument.Name == "asrhub.sessions.refused")
            {
                to.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => codes.Enqueue(tags[0].Value));
        listener.Start();
        await using var hub = await server.ConnectHubAsync();
        _ = await hub.InvokeAsync("CreateSession", [null]);
        _ = await Assert.ThrowsAsync<HubCallException>(() => hub.InvokeAsync("CreateSession", [null]));

        Assert.Equal(["server_full"], codes);
    }

    [Fact]
    public async Task Session_that_never_ends_loses_its_place_and_its_peer_when_its_time_is_up()
    {
        await using var server = await StartAsync(static sessions => sessions with { Max = 1, CloseSeconds = 1 });
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        server.Session(id).DrainsSlowly = true;
        server.Session(id).NeverLetsGo = true;
        await hub.InvokeAsync("Close", id).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(0, server.Service.Count);
        await Eventually.Holds(() => client.State == WebRtc.PeerState.Closed);
        _ = await hub.InvokeAsync("CreateSession", [null]);
    }

    private static Task<ServerFixture> StartAsync(Func<SessionsSection, SessionsSection> limit) => ServerFixture.StartAsync(
        options => options with { Access = new AccessSection { Keys = [ServerFixture.Key, OtherKey] }, Sessions = limit(options.Sessions) });
}
