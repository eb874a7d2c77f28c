using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Files;

public sealed class SessionFilesTests
{
    [Fact]
    public async Task Live_session_hears_a_file_between_live_words_and_loses_none()
    {
        await using var rig = await SessionRig.StartAsync();
        await using var session = rig.Open();
        var file = CodedSpeech.Say(CodedSpeech.Range(100, 240));

        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3));
        var written = await session.TranscribeFileAsync(FileTranscriberTests.Pieces(file));
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(5, 6, 7), CodedSpeech.Silence(600));

        var events = await SessionRig.FinishAsync(session);
        SessionRig.CheckContract(events);
        Assert.Equal(file.Length, written);
        Assert.Equal(CodedSpeech.Text([1, 2, 3, .. CodedSpeech.Range(100, 240), 5, 6, 7]), SessionRig.Finals(events));
        var turns = events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript).ToArray();
        Assert.Equal("w1 w2 w3", turns[0]);
        Assert.Equal("w5 w6 w7", turns[^1]);
    }

    [Fact]
    public async Task File_that_breaks_off_leaves_the_session_as_it_was()
    {
        await using var rig = await SessionRig.StartAsync();
        await using var session = rig.Open();
        _ = await Assert.ThrowsAsync<MediaFileException>(() => session.TranscribeFileAsync(Broken()));
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(5, 6, 7), CodedSpeech.Silence(600));
        Assert.Equal("w1 w2 w3 w5 w6 w7", SessionRig.Finals(await SessionRig.FinishAsync(session)));
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Broken()
    {
        await Task.Yield();
        yield return CodedSpeech.Say(1, 2, 3);
        throw new MediaFileException("broken");
    }
}
