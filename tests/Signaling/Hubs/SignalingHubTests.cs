using AsrHub.Rtc.Signaling.Ice;
using AsrHub.Rtc.Signaling.Sessions;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Signaling.Tests.Hubs;

public sealed class SignalingHubTests : IAsyncLifetime
{
    private HubServer _server = null!;
    private RawHubClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await HubServer.StartAsync();
        _client = await RawHubClient.ConnectAsync(_server.Address, HubServer.Key);
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Session_is_made_with_the_hubs_settings()
    {
        var created = await _client.InvokeAsync(
            "CreateSession", new { model = "m", language = "en", include = new[] { "x-interim" }, turnDetection = new { silenceDurationMs = 250 } });

        Assert.Equal("sess_1", created.GetProperty("sessionId").GetString());
        Assert.Equal("token_1", created.GetProperty("resumeToken").GetString());
        Assert.Equal(0, created.GetProperty("iceServers").GetArrayLength());
        var input = created.GetProperty("session").GetProperty("audio").GetProperty("input");
        Assert.Equal(250, input.GetProperty("turn_detection").GetProperty("silence_duration_ms").GetInt32());
        var settings = _server.Host.Sessions["sess_1"].Settings;
        Assert.Equal(("m", "en", SessionIncludes.Interim), (settings.Model, settings.Language, settings.Include));
    }

    [Fact]
    public async Task Null_settings_are_the_defaults()
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        Assert.Equal(new SessionSettings(), _server.Host.Sessions["sess_1"].Settings);
    }

    [Fact]
    public async Task Wrong_setting_is_an_error_that_names_its_path_and_the_connection_survives()
    {
        var refused = await Assert.ThrowsAsync<HubCallException>(() => _client.InvokeAsync("CreateSession", new { turnDetection = new { silence = 3 } }));

        Assert.Equal("unknown_setting", refused.Code);
        Assert.Equal("turnDetection.silence", refused.Error.GetProperty("param").GetString());
        _ = await _client.InvokeAsync("CreateSession", [null]);
    }

    [Fact]
    public async Task Offer_is_answered()
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        var answer = await _client.InvokeAsync("Offer", "sess_1", "v=0");
        Assert.Equal("answer to 3", answer.GetProperty("sdp").GetString());
    }

    [Fact]
    public async Task Whole_session_description_serves_as_well_as_its_text()
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        var answer = await _client.InvokeAsync("Offer", "sess_1", new { type = "offer", sdp = "v=0" });
        Assert.Equal("answer to 3", answer.GetProperty("sdp").GetString());
    }

    [Fact]
    public async Task Candidates_are_taken_in_every_form_that_browsers_have()
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        _ = await _client.InvokeAsync("AddIceCandidate", "sess_1", "candidate:1");
        _ = await _client.InvokeAsync("AddIceCandidate", "sess_1", new { candidate = "candidate:2", sdpMid = "0" });
        _ = await _client.InvokeAsync("AddIceCandidate", "sess_1", null);
        Assert.Equal(["candidate:1", "candidate:2", null], _server.Host.Candidates);
    }

    [Fact]
    public async Task Sdp_of_100_KB_is_refused_by_name_and_the_connection_survives()
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        var refused = await Assert.ThrowsAsync<HubCallException>(() => _client.InvokeAsync("Offer", "sess_1", new string('x', 100 * 1024)));
        Assert.Equal("sdp_too_large", refused.Code);
        _ = await _client.InvokeAsync("Offer", "sess_1", "v=0");
    }

    [Fact]
    public async Task Sdp_of_1_MB_ends_that_connection_alone()
    {
        await using var other = await RawHubClient.ConnectAsync(_server.Address, HubServer.Key);
        _ = await _client.InvokeAsync("CreateSession", [null]);
        _ = await Assert.ThrowsAnyAsync<Exception>(() => _client.InvokeAsync("Offer", "sess_1", new string('x', 1024 * 1024)));
        await _client.WaitForEndAsync();
        _ = await other.InvokeAsync("CreateSession", [null]);
    }

    [Theory]
    [InlineData("Offer", 5, "v=0")]
    [InlineData("Offer", null, "v=0")]
    [InlineData("Offer", "sess_1", 7)]
    [InlineData("Offer", "sess_1", null)]
    [InlineData("AddIceCandidate", "sess_1", 7)]
    [InlineData("Restart", "sess_1", true)]
    public async Task Argument_of_the_wrong_type_is_a_contract_error(string method, object? first, object? second)
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        var refused = await Assert.ThrowsAsync<HubCallException>(() => _client.InvokeAsync(method, first, second));
        Assert.Equal("invalid_value", refused.Code);
    }

    [Fact]
    public async Task Another_connection_without_the_token_does_not_find_the_session()
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        await using var other = await RawHubClient.ConnectAsync(_server.Address, HubServer.Key);
        Assert.Equal("session_not_found", (await Assert.ThrowsAsync<HubCallException>(() => other.InvokeAsync("Offer", "sess_1", "v=0"))).Code);
        Assert.Equal("session_not_found", (await Assert.ThrowsAsync<HubCallException>(() => other.InvokeAsync("Resume", "sess_1", "wrong", null))).Code);
        Assert.Equal("session_not_found", (await Assert.ThrowsAsync<HubCallException>(() => other.InvokeAsync("Close", "sess_1"))).Code);
    }

    [Fact]
    public async Task Another_connection_with_the_token_takes_over_when_the_first_is_gone()
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        await _client.DisposeAsync();
        await using var other = await RawHubClient.ConnectAsync(_server.Address, HubServer.Key);

        var resumed = await other.InvokeAsync("Resume", "sess_1", "token_1", 17);

        Assert.Equal("sess_1", resumed.GetProperty("sessionId").GetString());
        Assert.Equal(17, _server.Host.ResumedAfter);
        _ = await other.InvokeAsync("Offer", "sess_1", "v=0");
    }

    [Fact]
    public async Task Subscription_replays_after_the_number_given_and_ends_with_the_session()
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        var log = _server.Host.Sessions["sess_1"].Log;
        _ = log.Append(new TranscriptEvent.Delta("item_1", "hello"));
        _ = log.Append(new TranscriptEvent.Closed("done"));

        var events = new List<string>();
        await foreach (var item in _client.StreamAsync("Subscribe", "sess_1", 1))
        {
            events.Add($"{item.GetProperty("x-seq").GetInt64()} {item.GetProperty("type").GetString()}");
        }

        Assert.Equal(["2 conversation.item.input_audio_transcription.delta", "3 x-session.closed"], events);
    }

    [Fact]
    public async Task Subscriptions_of_one_session_are_bounded_and_an_end_makes_room()
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        for (var i = 0; i < EventStreams.MaxPerSession; i++)
        {
            await ReadOneAsync();
        }

        Assert.Equal("too_many_streams", (await Assert.ThrowsAsync<HubCallException>(ReadOneAsync)).Code);

        // The streams end with the session, each in its own time.
        _ = await _client.InvokeAsync("Close", "sess_1");
        var deadline = Environment.TickCount64 + 30_000;
        while (await Record.ExceptionAsync(ReadOneAsync) is { } refused)
        {
            Assert.Equal("too_many_streams", Assert.IsType<HubCallException>(refused).Code);
            Assert.True(Environment.TickCount64 < deadline);
        }

        async Task ReadOneAsync() =>
            Assert.True(await _client.StreamAsync("Subscribe", "sess_1", 0).GetAsyncEnumerator().MoveNextAsync());
    }

    [Fact]
    public async Task Failure_nobody_foresaw_is_told_without_its_details()
    {
        _ = await _client.InvokeAsync("CreateSession", [null]);
        var refused = await Assert.ThrowsAsync<HubCallException>(() => _client.InvokeAsync("Offer", "sess_1", "boom"));
        Assert.Equal("internal_error", refused.Code);
        Assert.DoesNotContain("secret detail", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Turn_credentials_come_with_the_session()
    {
        await using var server = await HubServer.StartAsync(turn: new TurnOptions { Urls = ["turn:turn.example:3478"], Secret = "north" });
        await using var client = await RawHubClient.ConnectAsync(server.Address, HubServer.Key);
        var ice = (await client.InvokeAsync("CreateSession", [null])).GetProperty("iceServers")[0];
        Assert.Equal("turn:turn.example:3478", ice.GetProperty("urls")[0].GetString());
        Assert.EndsWith(":sess_1", ice.GetProperty("username").GetString(), StringComparison.Ordinal);
        Assert.Equal(28, ice.GetProperty("credential").GetString()!.Length);
    }
}
