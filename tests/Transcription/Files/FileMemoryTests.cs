using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Files;

/// <summary>By itself, since what other tests hold would count as its own.</summary>
[CollectionDefinition("Managed memory", DisableParallelization = true)]
[Collection("Managed memory")]
public sealed class FileMemoryTests
{
    [Fact]
    public async Task Two_hours_need_no_more_memory_than_a_minute()
    {
        const int Rounds = 240;
        var model = new ScriptedModel { Script = static (_, pass) => ScriptedModel.Result($"{pass.Audio.Length}") };
        await using var rig = await SessionRig.StartAsync(model);
        float[] halfMinute = [.. CodedSpeech.Say(CodedSpeech.Range(1, 52)), .. CodedSpeech.Silence(700), .. CodedSpeech.Say(CodedSpeech.Range(1, 56)), .. CodedSpeech.Silence(2300)];
        Assert.Equal(16_000 * 30, halfMinute.Length);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = 0L;
        var segments = 0;
        await foreach (var segment in FileTranscriberTests.Make(rig, lookAhead: 3).TranscribeAsync(Repeat(halfMinute, Rounds), new FileRequest()))
        {
            model.Passes.Clear();
            if (++segments % 100 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        Assert.InRange(segments, Rounds * 2, Rounds * 4);
        Assert.True(most < 32 * 1024 * 1024, $"{most / 1024} KB are held; two hours of samples are 450 MB");
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Repeat(float[] pcm, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await foreach (var piece in FileTranscriberTests.Pieces(pcm))
            {
                yield return piece;
            }
        }
    }
}
