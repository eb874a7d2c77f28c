using System.Text.Json;
using AsrHub.Rtc.MediaServer.Tests.Edge;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Tests.Sessions;

/// <summary>From the hub over UDP to the session and back, through real sockets.</summary>
public sealed class SessionServiceTests
{
    [Fact]
    public async Task Frames_reach_the_session_and_its_events_the_channel()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        _ = client.Locked(peer => peer.OpenChannel("oai-events", "", Now));
        client.SendAudio("frame one");
        client.SendAudio("frame two");

        await Eventually.Holds(() => server.Session(id).Frames.Count == 2);
        Assert.Equal(["frame one", "frame two"], server.Session(id).Frames);
        _ = server.Session(id).Events.Append(new TranscriptEvent.Delta("item_1", "hello"));
        await Eventually.Holds(() => client.Texts.Count() == 2);
        Assert.Equal(["1 session.created", "2 conversation.item.input_audio_transcription.delta"], Lines(client));
    }

    [Theory]
    [InlineData("oai-events")]
    [InlineData("asrhub")]
    public async Task Events_wait_for_the_channel_and_then_flow_in_order(string label)
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        for (var i = 0; i < 300; i++)
        {
            _ = server.Session(id).Events.Append(new TranscriptEvent.Delta("item_1", $"{i}"));
        }

        _ = client.OpenChannel(label);
        await Eventually.Holds(() => client.Texts.Count() == 301);
        Assert.Equal(Enumerable.Range(1, 301).Select(number => (long)number), client.Texts.Select(Sequence));
    }

    [Fact]
    public async Task Channel_of_another_name_gets_nothing()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (_, client) = await server.CallAsync(hub);
        _ = client.OpenChannel("chat");
        _ = client.OpenChannel("asrhub");
        await Eventually.Holds(() => client.Texts.Any());
        var channels = client.Events.OfType<PeerEvent.MessageReceived>().Select(message => message.ChannelId).Distinct();
        _ = Assert.Single(channels);
    }

    [Fact]
    public async Task A_channel_that_is_opened_anew_goes_on_where_the_closed_one_stopped()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        var first = await client.ListenAsync();
        client.Locked(peer => peer.CloseChannel(first, Now));
        await Eventually.Holds(() => client.Events.OfType<PeerEvent.ChannelClosed>().Any());
        _ = server.Session(id).Events.Append(new TranscriptEvent.Delta("item_1", "said in between"));

        var second = client.OpenChannel("oai-events");
        await Eventually.Holds(() => client.Texts.Count() == 2);
        _ = client.SendText(second, """{"type":"input_audio_buffer.commit"}""");

        await Eventually.Holds(() => !server.Session(id).Commands.IsEmpty);
        Assert.Equal([1L, 2L], client.Texts.Select(Sequence));
    }

    [Fact]
    public async Task Commands_come_in_by_the_channel_and_wrong_ones_leave_the_session_alive()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        var channel = await client.ListenAsync();

        _ = client.SendText(channel, """{"type":"session.update","session":{"include":["x-interim"]}}""");
        _ = client.SendText(channel, "no JSON at all");
        _ = client.SendText(channel, """{"type":"input_audio_buffer.commit"}""");
        _ = client.SendText(channel, """{"type":"input_audio_buffer.clear"}""");
        _ = client.SendText(channel, $$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(new byte[4800])}}"}""");

        await Eventually.Holds(() => server.Session(id).PcmSamples == 1600);
        Assert.Equal(SessionIncludes.Interim, server.Session(id).Snapshot.Settings.Include);
        Assert.Equal(["commit", "clear"], server.Session(id).Commands);
        await Eventually.Holds(() => client.Texts.Count() == 3);
        Assert.Equal(["1 session.created", "2 session.updated", "3 error"], Lines(client));
    }

    [Fact]
    public async Task Close_command_drains_and_the_last_events_arrive_before_the_end()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        var channel = await client.ListenAsync();
        _ = client.SendText(channel, """{"type":"x-session.close"}""");
        await Eventually.Holds(() => client.State == PeerState.Closed);
        Assert.Equal("3 x-session.closed", Lines(client)[^1]);
        await Eventually.Holds(() => server.Session(id).IsDisposed && server.Service.Count == 0);
    }

    [Fact]
    public async Task Close_completes_when_the_last_final_is_out()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        _ = await client.ListenAsync();
        server.Session(id).DrainsSlowly = true;

        var closing = hub.InvokeAsync("Close", id);
        await Task.Delay(100);
        Assert.False(closing.IsCompleted);
        server.Session(id).FinishDrain();
        _ = await closing;

        await Eventually.Holds(() => Lines(client)[^1] == "3 x-session.closed");
        Assert.Equal(0, server.Service.Count);
        Assert.Equal("session_not_found", (await Assert.ThrowsAsync<HubCallException>(() => hub.InvokeAsync("Offer", id, "v=0"))).Code);
    }

    [Fact]
    public async Task Media_outlives_the_hub_connection()
    {
        await using var server = await ServerFixture.StartAsync();
        var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        _ = client.OpenChannel("oai-events");
        await hub.DisposeAsync();

        client.SendAudio("still here");
        _ = server.Session(id).Events.Append(new TranscriptEvent.Delta("item_1", "heard"));

        await Eventually.Holds(() => client.Texts.Count() == 2 && !server.Session(id).Frames.IsEmpty);
    }

    [Fact]
    public async Task New_peer_takes_the_place_of_the_old_one_and_events_go_on_where_they_were()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, first) = await server.CallAsync(hub);
        _ = await first.ListenAsync();

        var second = await server.OfferAsync(hub, id);
        await Eventually.Holds(() => first.State == PeerState.Closed);
        _ = server.Session(id).Events.Append(new TranscriptEvent.Delta("item_1", "missed"));
        _ = second.OpenChannel("oai-events");
        second.SendAudio("from the second");

        await Eventually.Holds(() => second.Texts.Any());
        Assert.Equal(["2 conversation.item.input_audio_transcription.delta"], Lines(second));
        await Eventually.Holds(() => server.Session(id).Frames.Contains("from the second"));
        Assert.Equal(1, server.Service.Count);
    }

    [Fact]
    public async Task Client_that_resumes_gets_what_it_missed()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var created = await hub.InvokeAsync("CreateSession", [null]);
        var id = created.GetProperty("sessionId").GetString()!;
        var first = await server.OfferAsync(hub, id);
        _ = first.OpenChannel("oai-events");
        for (var i = 0; i < 5; i++)
        {
            _ = server.Session(id).Events.Append(new TranscriptEvent.Delta("item_1", $"{i}"));
        }

        await Eventually.Holds(() => first.Texts.Count() == 6);
        await using var other = await server.ConnectHubAsync();
        _ = await other.InvokeAsync("Resume", id, created.GetProperty("resumeToken").GetString(), 4);
        var second = await server.OfferAsync(other, id);
        _ = second.OpenChannel("oai-events");
        await Eventually.Holds(() => second.Texts.Count() == 2);
        Assert.Equal([5L, 6L], second.Texts.Select(Sequence));
    }

    [Fact]
    public async Task Ice_restart_answers_over_the_hub()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        var answer = (await hub.InvokeAsync("Restart", id, client.Restart())).GetProperty("sdp").GetString()!;
        client.AcceptAnswer(answer);
        client.SendAudio("after the restart");
        await Eventually.Holds(() => server.Session(id).Frames.Contains("after the restart"));
    }

    [Fact]
    public async Task Restart_without_a_peer_says_so()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        _ = await hub.InvokeAsync("CreateSession", [null]);
        Assert.Equal("no_peer", (await Assert.ThrowsAsync<HubCallException>(() => hub.InvokeAsync("Restart", "sess_1", "v=0"))).Code);
    }

    [Fact]
    public async Task Session_that_nobody_connects_to_ends_after_its_grace()
    {
        await using var server = await ServerFixture.StartAsync(options => options with { Sessions = options.Sessions with { GraceSeconds = 1 } });
        await using var hub = await server.ConnectHubAsync();
        _ = await hub.InvokeAsync("CreateSession", [null]);
        await Eventually.Holds(() => server.Session("sess_1").IsDisposed && server.Service.Count == 0);
    }

    [Fact]
    public async Task Session_whose_peer_left_ends_after_its_grace_with_its_last_words()
    {
        await using var server = await ServerFixture.StartAsync(options => options with { Sessions = options.Sessions with { GraceSeconds = 1 } });
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        await Task.Delay(1500);
        Assert.Equal(1, server.Service.Count);
        client.Close();
        await Eventually.Holds(() => server.Session(id).IsDisposed);
        Assert.Equal(3, server.Session(id).Events.LastSequence);
    }

    [Fact]
    public async Task Sessions_beyond_the_limit_are_refused_and_an_end_makes_room()
    {
        await using var server = await ServerFixture.StartAsync(options => options with { Sessions = options.Sessions with { Max = 1 } });
        await using var hub = await server.ConnectHubAsync();
        _ = await hub.InvokeAsync("CreateSession", [null]);
        Assert.Equal("server_full", (await Assert.ThrowsAsync<HubCallException>(() => hub.InvokeAsync("CreateSession", [null]))).Code);
        _ = await hub.InvokeAsync("Close", "sess_1");
        _ = await hub.InvokeAsync("CreateSession", [null]);
    }

    [Fact]
    public async Task Stopping_drains_every_session_and_takes_no_new_one()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        _ = await client.ListenAsync();
        server.Session(id).DrainsSlowly = true;

        var stopping = server.App.StopAsync();
        await Eventually.Holds(() => server.Service.IsDraining);
        Assert.Equal("server_draining", (await Assert.ThrowsAsync<HubCallException>(() => hub.InvokeAsync("CreateSession", [null]))).Code);
        using (var http = new HttpClient())
        {
            using var health = await http.GetAsync(new Uri(server.Address, "/healthz"));
            Assert.Equal(503, (int)health.StatusCode);
            Assert.Contains("\"draining\"", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.False(stopping.IsCompleted);
        server.Session(id).FinishDrain();
        await stopping;
        Assert.Equal(["conversation.item.input_audio_transcription.completed", "x-session.closed"], Lines(client).TakeLast(2).Select(line => line[2..]));
    }

    [Fact]
    public async Task Drain_that_does_not_end_is_cut_off()
    {
        await using var server = await ServerFixture.StartAsync(options => options with { Sessions = options.Sessions with { DrainSeconds = 1 } });
        await using var hub = await server.ConnectHubAsync();
        _ = await hub.InvokeAsync("CreateSession", [null]);
        server.Session("sess_1").DrainsSlowly = true;
        await server.App.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static long Now => System.Diagnostics.Stopwatch.GetTimestamp() / (System.Diagnostics.Stopwatch.Frequency / Micros.Second);

    private static long Sequence(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("x-seq").GetInt64();
    }

    private static string[] Lines(SocketClient client) =>
    [
        .. client.Texts.Select(json =>
        {
            using var document = JsonDocument.Parse(json);
            return $"{document.RootElement.GetProperty("x-seq").GetInt64()} {document.RootElement.GetProperty("type").GetString()}";
        }),
    ];
}
