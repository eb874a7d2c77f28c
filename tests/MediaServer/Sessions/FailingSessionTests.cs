using AsrHub.Rtc.MediaServer.Tests.Edge;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Tests.Sessions;

/// <summary>Defects of ours in one session: they are told, and they leave nothing behind.</summary>
public sealed class FailingSessionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_fails_while_it_closes_leaves_neither_peer_nor_place(bool cancelled)
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        server.Session(id).Failure = cancelled ? new OperationCanceledException("broken") : new InvalidOperationException("broken");

        _ = await hub.InvokeAsync("Close", id);

        Assert.Equal(0, server.Service.Count);
        Assert.True(server.Session(id).IsDisposed);
        await Eventually.Holds(() => client.State == PeerState.Closed && server.Edge.PeerCount == 0);
    }

    [Fact]
    public async Task A_command_that_fails_is_told_and_the_next_one_has_its_turn()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        var channel = await client.ListenAsync();
        server.Session(id).Failure = new InvalidOperationException("secret detail");

        _ = client.SendText(channel, """{"type":"input_audio_buffer.commit"}""");
        _ = client.SendText(channel, """{"type":"input_audio_buffer.clear"}""");

        await Eventually.Holds(() => !server.Session(id).Commands.IsEmpty && client.Texts.Count() == 2);
        Assert.Equal(["clear"], server.Session(id).Commands);
        var told = client.Texts.Last();
        Assert.Contains("internal_error", told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret detail", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_cannot_be_written_closes_the_connection_and_not_the_session()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        var (id, client) = await server.CallAsync(hub);
        _ = await client.ListenAsync();

        _ = server.Session(id).Events.Append(new TranscriptEvent.SessionUpdated(null!));

        await Eventually.Holds(() => client.State == PeerState.Closed);
        Assert.Equal(1, server.Service.Count);
    }
}
