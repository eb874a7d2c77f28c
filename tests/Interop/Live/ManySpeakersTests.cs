using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.Interop.Tests.Live;

[Collection(LiveCollection.Name)]
public sealed class ManySpeakersTests(LiveEngine live)
{
    private const int Speakers = 10;

    // Sentences without numbers or old names, which a recognizer writes in another way than the reader's text does.
    private static readonly string[] Sentences = ["0002", "0004", "0006", "0008", "0009", "0011", "0013", "0016", "0017", "0029"];

    [ModelFact]
    public async Task Ten_who_speak_at_once_each_get_their_own_words()
    {
        var clips = Clips();
        await using var server = await live.StartServerAsync();
        var hubs = await Task.WhenAll(clips.Select(_ => server.ConnectHubAsync()));
        var speakers = await Task.WhenAll(hubs.Select(hub => LiveSpeaker.ConnectAsync(hub)));
        Assert.Equal(Speakers, server.Sessions.Count);

        await Task.WhenAll(speakers.Select(async (speaker, i) =>
        {
            List<byte[]> packets = [.. OpusPackets.Encode(clips[i].Samples()), .. OpusPackets.Silence(800)];
            await speaker.Peer.SpeakAsync(packets);
            await speaker.CloseAsync();
        }));

        for (var i = 0; i < Speakers; i++)
        {
            CheckOwnEvents(speakers[i]);
            CheckOwnWords(speakers[i].Text, clips[i], clips);
        }

        var errors = speakers.Select((speaker, i) => Errors(clips[i], speaker.Text)).Sum();
        Assert.InRange(errors, 0, clips.Sum(clip => Words.Split(clip.Text).Length) * 12 / 100);
        var items = speakers.SelectMany(speaker => speaker.Heard.Where(e => e.IsCommitted).Select(e => e.ItemId)).ToList();
        Assert.Equal(items.Count, items.Distinct().Count());
        Assert.Equal(0, server.Sessions.Count);
        foreach (var speaker in speakers)
        {
            await speaker.DisposeAsync();
        }

        foreach (var hub in hubs)
        {
            await hub.DisposeAsync();
        }
    }

    private static void CheckOwnEvents(LiveSpeaker speaker)
    {
        var heard = speaker.Heard;
        Assert.Equal(Enumerable.Range(1, heard.Length).Select(number => (long)number), heard.Select(e => e.Sequence));
        Assert.Equal(speaker.SessionId, heard[0].Json.GetProperty("session").GetProperty("id").GetString());
        Assert.DoesNotContain(heard, e => e.IsFailed || e.Type == "error");

        // Every turn has its one final, and nothing is said of turns that were not.
        var committed = heard.Where(e => e.IsCommitted).Select(e => e.ItemId).ToList();
        Assert.Equal(committed, heard.Where(e => e.IsCompleted).Select(e => e.ItemId));
        Assert.Subset(committed.ToHashSet(), heard.Where(e => e.IsDelta).Select(e => e.ItemId).ToHashSet());
    }

    private static void CheckOwnWords(string text, SpeechClip own, List<SpeechClip> all)
    {
        var errors = Errors(own, text);
        Assert.True(errors * 3 <= Words.Split(own.Text).Length, $"{own.Name}: heard \"{text}\" for \"{own.Text}\"");
        Assert.All(all.Where(other => other.Text != own.Text), other => Assert.True(errors < Errors(other, text), $"{own.Name} got the words of {other.Name}: \"{text}\""));
    }

    private static int Errors(SpeechClip clip, string text) => Words.Distance(Words.Split(clip.Text), Words.Split(text));

    private static List<SpeechClip> Clips()
    {
        if (SharedData.Find("speech/manifest.jsonl") is { } manifest)
        {
            return [.. SpeechClip.Load(manifest).Where(clip => Sentences.Any(number => clip.Name == $"LJ001-{number}"))];
        }

        // A clone by itself has five: each is spoken twice.
        var bundled = SpeechClip.Load(SharedData.Bundled("manifest.jsonl"));
        return [.. Enumerable.Range(0, Speakers).Select(i => bundled[i % bundled.Count])];
    }
}
