using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Ice;

namespace AsrHub.Rtc.Interop.Tests.Live;

/// <summary>Packets that cease: cut off, vanished, muted.</summary>
[Collection(LiveCollection.Name)]
public sealed class AudioThatStopsTests(LiveEngine live)
{
    private const int EndpointMs = 400;

    // How late a turn may end on a machine that is busy; perf/LatencyBench tells how late it is.
    private const int BusyMs = 4_000;

    [ModelFact]
    public async Task Packets_that_stop_in_the_middle_of_a_word_leave_a_final_behind()
    {
        const int SpokenMs = 2_000;
        await using var server = await live.StartServerAsync();
        await using var hub = await server.ConnectHubAsync();
        await using var speaker = await LiveSpeaker.ConnectAsync(hub);
        await speaker.Peer.SpeakAsync(OpusPackets.Encode(SpeechClip.Samples(SharedData.Bundled("jfk.wav")).AsSpan(0, 16 * SpokenMs)));
        await speaker.WaitAsync(heard => heard.Any(e => e.IsCompleted));

        Assert.StartsWith("and so my fellow", Words.Normalized(speaker.Text), StringComparison.Ordinal);
        var end = speaker.Heard.Single(e => e.IsSpeechStopped).Json.GetProperty("audio_end_ms").GetInt32();
        Assert.InRange(end, SpokenMs, SpokenMs + EndpointMs + BusyMs);
        Assert.Equal(PeerState.Connected, speaker.Peer.State);
        await speaker.CloseAsync();
        _ = Assert.Single(speaker.Heard, e => e.IsCompleted);
    }

    [ModelFact]
    public async Task Client_that_vanishes_gets_its_final_and_leaves_nothing_behind()
    {
        var ice = new IceLiteOptions { DisconnectedAfter = Micros.Second, ExpiresAfter = 3 * Micros.Second };
        await using var server = await LiveServer.StartAsync(live.Engine, new SessionsSection { GraceSeconds = 1 }, ice);
        await using var hub = await server.ConnectHubAsync();
        await using var speaker = await LiveSpeaker.ConnectAsync(hub);
        await speaker.Peer.SpeakAsync(OpusPackets.Encode(SpeechClip.Samples(SharedData.Bundled("jfk.wav")).AsSpan(0, 16 * 2_000)));
        await speaker.Peer.VanishAsync();

        // The hub is still there and tells what the data channel no longer can.
        var types = new List<string>();
        await foreach (var told in hub.StreamAsync("Subscribe", speaker.SessionId, 0))
        {
            types.Add(new HeardEvent(0, told).Type);
        }

        Assert.Contains("conversation.item.input_audio_transcription.completed", types);
        Assert.Equal("x-session.closed", types[^1]);
        await WaitUntil(() => server.Sessions.Count == 0 && server.Edge.PeerCount == 0);
    }

    [ModelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mute_ends_the_turn_by_the_clock_and_speech_goes_on_afterwards(bool withComfortNoise)
    {
        var first = OpusPackets.Encode(SpeechClip.Samples(SharedData.Bundled("LJ001-0008.flac")));
        var second = OpusPackets.Encode(SpeechClip.Samples(SharedData.Bundled("LJ001-0002.flac")));
        await using var server = await live.StartServerAsync();
        await using var hub = await server.ConnectHubAsync();
        await using var speaker = await LiveSpeaker.ConnectAsync(hub);
        await speaker.Peer.SpeakAsync(first);
        var muted = System.Diagnostics.Stopwatch.StartNew();
        var final = speaker.WaitAsync(heard => heard.Any(e => e.IsCompleted));
        var told = TimeSpan.Zero;
        if (withComfortNoise)
        {
            // RFC 7587 s3.1.3: in DTX a packet comes every 400 ms.
            var comfort = ComfortPacket();
            while (!final.IsCompleted)
            {
                await Task.Delay(400);
                speaker.Peer.Skip(muted.Elapsed - told);
                told = muted.Elapsed;
                _ = speaker.Peer.SendAudio(comfort, ticks: 0);
            }
        }

        await final;
        speaker.Peer.Skip(muted.Elapsed - told);
        await speaker.Peer.SpeakAsync([.. second, .. OpusPackets.Silence(800)]);
        await speaker.CloseAsync();

        // A machine so busy that it sends nothing for a while parts the second sentence too; that is no concern of this test.
        var finals = speaker.Heard.Where(e => e.IsCompleted).Select(e => Words.Normalized(e.Transcript)).ToList();
        Assert.Equal("has never been surpassed", finals[0]);
        Assert.Equal("in being comparatively modern", string.Join(' ', finals.Skip(1)));
    }

    private static byte[] ComfortPacket()
    {
        using var encoder = new OpusEncoder(dtx: true);
        while (true)
        {
            var packet = encoder.Encode(new float[320]);
            if (packet.Length <= 2)
            {
                return packet;
            }
        }
    }

    private static async Task WaitUntil(Func<bool> condition)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), "The condition did not come to hold.");
            await Task.Delay(20);
        }
    }
}
