using AsrHub.Rtc.AsrBench;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.ErrorRates;

/// <summary>
/// A live session whose clock is the audio: each piece is given when all that came of those before is done. A busy machine makes no pass late and leaves none
/// out, and sound that would take minutes is through in seconds.
/// </summary>
internal sealed class SteppedDoor : IDoor
{
    private const int PcmStep = Recording.SampleRate / 10;
    private const int PacketMs = 20;
    private readonly ManualTime _time;
    private readonly PassScheduler _scheduler;
    private readonly MeteredScheduler _metered;
    private readonly TranscriptionEngine _engine;
    private readonly SessionSettings _settings;
    private readonly bool _opus;

    private SteppedDoor(PassScheduler scheduler, ManualTime time, IVoiceActivityModel activity, ModelInfo model, int silenceMs, bool opus)
    {
        _time = time;
        _scheduler = scheduler;
        _metered = new MeteredScheduler(scheduler);
        _engine = new TranscriptionEngine(_metered, activity, new SessionOptions(), time);
        _engine.AddModel(model);
        _settings = new SessionSettings { Include = SessionIncludes.Interim, TurnDetection = new TurnDetection { SilenceDurationMs = silenceMs } };
        _opus = opus;
    }

    public string Name => _opus ? "opus" : "pcm";

    public bool IsQuick => !_opus;

    public static async Task<IDoor> OpenAsync(IRecognizerModel model, IVoiceActivityModel activity, int silenceMs, bool opus)
    {
        var time = new ManualTime();
        return new SteppedDoor(await Recognizers.StartAsync(model, time, 1), time, activity, model.Info, silenceMs, opus);
    }

    public async Task<string> HearAsync(Recording recording)
    {
        await using var session = (TranscriptionSession)_engine.CreateSession(_settings, "bench");
        if (_opus)
        {
            await SendAsync(session, recording.Packets);
        }
        else
        {
            await WriteAsync(session, recording.Live);
        }

        await session.CloseAsync("The clip is over.", CancellationToken.None);
        var texts = new List<string>();
        await foreach (var one in session.Events.ReadAsync(0, CancellationToken.None))
        {
            switch (one)
            {
                case TranscriptEvent.Completed completed:
                    texts.Add(completed.Transcript);
                    break;
                case TranscriptEvent.Failed failed:
                    throw new InvalidOperationException($"{recording.Name}: {failed.Error.Message}");
                case TranscriptEvent.Closed:
                    return string.Join(' ', texts);
                default:
                    break;
            }
        }

        throw new InvalidOperationException("The session did not close.");
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _scheduler.DisposeAsync();
    }

    private async Task WriteAsync(TranscriptionSession session, float[] pcm)
    {
        for (var at = 0; at < pcm.Length; at += PcmStep)
        {
            var count = Math.Min(PcmStep, pcm.Length - at);
            _time.Advance(TimeSpan.FromSeconds((double)count / Recording.SampleRate));
            await session.WritePcmAsync(pcm.AsMemory(at, count), CancellationToken.None);
            await _metered.SettleAsync(session);
        }
    }

    private async Task SendAsync(TranscriptionSession session, List<byte[]> packets)
    {
        for (var i = 0; i < packets.Count; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(PacketMs));
            if (!session.TryWrite(new EncodedAudio(packets[i], (uint)(i * PacketMs * 48), 0, i == 0, _time.GetTimestamp())))
            {
                throw new InvalidOperationException("The session refused a packet.");
            }

            await _metered.SettleAsync(session);
        }
    }
}
