using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

public sealed class WhisperMemoryTests(WhisperFixture fixture) : IClassFixture<WhisperFixture>
{
    [SharedFact(WhisperFixture.Export)]
    public void Weights_of_our_own_code_count_once_and_a_recognizer_that_was_disposed_of_holds_nothing()
    {
        Check(ownCode: true);
    }

    [SharedFact(WhisperFixture.Export)]
    public void Graphs_count_once_and_a_recognizer_that_was_disposed_of_holds_nothing()
    {
        Check(ownCode: false);
    }

    private void Check(bool ownCode)
    {
        using var model = WhisperModel.Load(fixture.Folder, new WhisperSettings { UseKernels = ownCode });
        long files = WhisperSessions.Find(fixture.Folder, "_int8") is [var pair, ..] ? Size(pair.Encoder) + Size(pair.Decoder) : 0;
        Assert.InRange(model.SharedBytes, files * 6 / 10, files * 2);

        IRecognizer recognizer = model.CreateRecognizer();
        long empty = recognizer.OwnBytes;
        _ = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, WordTimes = true });
        Assert.InRange(recognizer.OwnBytes, empty + 1_000_000, 200_000_000);
        recognizer.Dispose();
        Assert.Equal(0, recognizer.OwnBytes);
    }

    private static long Size(string file)
    {
        using FileStream opened = File.OpenRead(file);
        return opened.Length;
    }
}
