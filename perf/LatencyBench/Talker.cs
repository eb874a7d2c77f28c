using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.LatencyBench;

/// <summary>One who speaks clips, each in a session of its own, and times what comes back.</summary>
internal sealed class Talker(LiveServer server, MeasuredSessions sessions, Figures figures, int silenceMs)
{
    private const int PacketMs = 20;

    /// <summary>Speaks a clip to its end.</summary>
    public async Task SpeakAsync(BenchClip clip)
    {
        await using var hub = await server.ConnectHubAsync();
        await using var speaker = await ConnectAsync(hub);
        var sent = await SendAsync(speaker.Peer, clip.Packets);
        await speaker.CloseAsync();

        var heard = speaker.Heard;
        double Since(double audioMs, HeardEvent e) => (e.At - Captured(sent[0], audioMs)) / 1000;
        figures.Open.Add(speaker.OpenedAfter / 1000.0);
        AddFirst(figures.SpeechStarted, heard, e => e.IsSpeechStarted, e => Since(clip.SpeechStartMs, e));
        AddFirst(figures.FirstInterim, heard, HasWords, e => Since(clip.SpeechStartMs, e));
        AddFirst(figures.FirstDelta, heard, e => e.IsDelta, e => Since(clip.SpeechStartMs, e));
        foreach (var stopped in heard.Where(e => e.IsSpeechStopped))
        {
            AddFirst(figures.EndpointToFinal, heard, e => e.IsCompleted && e.ItemId == stopped.ItemId, e => (e.At - stopped.At) / 1000.0);
        }

        AddFirst(figures.VoiceToFinal, heard.Reverse(), e => e.IsCompleted, e => Since(clip.SpeechEndMs, e));
        foreach (var stats in heard.Where(e => e.Type == "x-stats"))
        {
            figures.Pass.Add(stats.Json.GetProperty("pass_ms").GetDouble());
        }

        AddArrivals(sessions.TakeArrivals(speaker.SessionId), sent);
    }

    /// <summary>Speaks half of a clip and stops sending in the middle of it.</summary>
    public async Task CutAsync(BenchClip clip)
    {
        await using var hub = await server.ConnectHubAsync();
        await using var speaker = await ConnectAsync(hub);
        var spoken = (int)((clip.SpeechStartMs + ((clip.SpeechEndMs - clip.SpeechStartMs) / 2)) / PacketMs);
        var sent = await SendAsync(speaker.Peer, clip.Packets[..spoken]);
        await speaker.WaitAsync(heard => heard.Any(e => e.IsSpeechStopped) && heard.Count(e => e.IsSpeechStopped) == heard.Count(e => e.IsCompleted));
        await Task.Delay(silenceMs);
        await speaker.CloseAsync();

        // A clip that happened to pause where it was cut had its final before.
        AddFirst(figures.CutToFinal, speaker.Heard.Reverse(), e => e.IsCompleted && e.At > sent[^1] + (silenceMs * 500), e => (e.At - sent[^1]) / 1000.0);
        _ = sessions.TakeArrivals(speaker.SessionId);
    }

    private Task<LiveSpeaker> ConnectAsync(RawHubClient hub) =>
        LiveSpeaker.ConnectAsync(hub, new { include = (string[])["x-interim", "x-stats"], turnDetection = new { silenceDurationMs = silenceMs } });

    /// <summary>When a microphone would have taken a sample: the packet it is in leaves when it is full.</summary>
    private static double Captured(long firstSent, double audioMs) => firstSent + ((audioMs - PacketMs) * 1000);

    private static bool HasWords(HeardEvent e) =>
        e.IsInterim && (e.Json.GetProperty("committed").GetString() + e.Json.GetProperty("tail").GetString()).Any(char.IsLetter);

    private static void AddFirst(Figure figure, IEnumerable<HeardEvent> heard, Func<HeardEvent, bool> isIt, Func<HeardEvent, double> time)
    {
        foreach (var e in heard)
        {
            if (isIt(e))
            {
                figure.Add(time(e));
                return;
            }
        }
    }

    private static async Task<long[]> SendAsync(UdpClientPeer peer, List<byte[]> packets)
    {
        var sent = new long[packets.Count];
        var begun = UdpClientPeer.Now;
        for (var i = 0; i < packets.Count; i++)
        {
            var wait = begun + (i * PacketMs * 1000L) - UdpClientPeer.Now;
            if (wait > 0)
            {
                await Task.Delay(TimeSpan.FromMicroseconds(wait));
            }

            sent[i] = UdpClientPeer.Now;
            _ = peer.SendAudio(packets[i]);
        }

        return sent;
    }

    private void AddArrivals(IReadOnlyList<long> arrived, long[] sent)
    {
        // Over loopback nothing is lost; should it be, there is no telling which packet is which.
        for (var i = 0; arrived.Count == sent.Length && i < sent.Length; i++)
        {
            figures.PacketToSession.Add((arrived[i] - sent[i]) / 1000.0);
        }
    }
}
