using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.Interop.Tests.Live;

/// <summary>What a microphone may send.</summary>
[Collection(LiveCollection.Name)]
public sealed class MicrophoneTests(LiveEngine live)
{
    [ModelFact]
    public async Task Silence_has_no_items_and_no_words()
    {
        var random = new Random(1);
        var hiss = new float[16_000 * 5];
        for (var i = 16_000; i < hiss.Length; i++)
        {
            hiss[i] = (random.NextSingle() - 0.5f) * 0.002f;
        }

        await using var server = await live.StartServerAsync();
        await using var hub = await server.ConnectHubAsync();
        await using var speaker = await LiveSpeaker.ConnectAsync(hub);
        await speaker.Peer.SpeakAsync(OpusPackets.Encode(hiss));
        await speaker.CloseAsync();
        Assert.Equal(["session.created", "x-session.closed"], speaker.Heard.Select(e => e.Type));
    }

    [ModelTheory]
    [InlineData(10)]
    [InlineData(40)]
    [InlineData(60)]
    public async Task Stereo_at_48_kHz_in_packets_of_any_length_has_the_right_words(int packetMs)
    {
        var pcm = SpeechClip.Samples(SharedData.Bundled("LJ001-0002.flac"), 48_000, 2);
        await using var server = await live.StartServerAsync();
        await using var hub = await server.ConnectHubAsync();
        await using var speaker = await LiveSpeaker.ConnectAsync(hub);
        float[] spoken = [.. pcm, .. new float[2 * 48_000]];
        await speaker.Peer.SpeakAsync(OpusPackets.Encode(spoken, 48_000, 2, packetMs), (uint)(48 * packetMs));
        await speaker.CloseAsync();
        Assert.Equal("in being comparatively modern", Words.Normalized(speaker.Text));
    }
}
