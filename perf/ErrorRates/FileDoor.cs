using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.ErrorRates;

/// <summary>Files, as <c>transcribe</c> takes them.</summary>
internal sealed class FileDoor : IDoor
{
    private readonly PassScheduler _scheduler;
    private readonly FileTranscriber _transcriber;

    private FileDoor(PassScheduler scheduler, IVoiceActivityModel activity, ModelInfo model)
    {
        _scheduler = scheduler;
        _transcriber = new FileTranscriber(scheduler, activity, model, lookAhead: 2);
    }

    public string Name => "file";

    public bool IsQuick => true;

    public static async Task<IDoor> OpenAsync(IRecognizerModel model, IVoiceActivityModel activity) =>
        new FileDoor(await Recognizers.StartAsync(model, TimeProvider.System, 1), activity, model.Info);

    public async Task<string> HearAsync(Recording recording)
    {
        var texts = new List<string>();
        await foreach (var segment in _transcriber.TranscribeAsync(Pieces(recording.Samples), new FileRequest()))
        {
            texts.Add(segment.Text);
        }

        return string.Join(' ', texts);
    }

    public ValueTask DisposeAsync() => _scheduler.DisposeAsync();

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Pieces(float[] samples)
    {
        await Task.Yield();
        for (var at = 0; at < samples.Length; at += Recording.SampleRate)
        {
            yield return samples.AsMemory(at, Math.Min(Recording.SampleRate, samples.Length - at));
        }
    }
}
