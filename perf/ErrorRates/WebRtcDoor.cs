using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.ErrorRates;

/// <summary>
/// The whole server on loopback and a real peer that speaks to it in real time: hub, ICE, DTLS, SRTP, jitter, Opus. Several may speak at once, as many as there
/// are recognizers, so that load changes nothing.
/// </summary>
internal sealed class WebRtcDoor : IDoor
{
    private readonly Shared _shared;
    private readonly int _silenceMs;

    private WebRtcDoor(Shared shared, int silenceMs)
    {
        _shared = shared;
        _silenceMs = silenceMs;
    }

    public string Name => "webrtc";

    public bool IsQuick => false;

    public static async Task<IDoor[]> OpenAsync(IRecognizerModel model, IVoiceActivityModel activity, int silenceMs, int count)
    {
        var shared = await Shared.StartAsync(model, activity, count);
        return [.. Enumerable.Range(0, count).Select(_ => (IDoor)new WebRtcDoor(shared, silenceMs))];
    }

    public async Task<string> HearAsync(Recording recording)
    {
        await using var hub = await _shared.Server.ConnectHubAsync();
        await using var speaker = await LiveSpeaker.ConnectAsync(hub, new { include = (string[])["x-interim"], turnDetection = new { silenceDurationMs = _silenceMs } });
        await speaker.Peer.SpeakAsync(recording.Packets);
        await speaker.CloseAsync();
        return speaker.Heard.FirstOrDefault(static e => e.IsFailed) is { Json.ValueKind: not default(System.Text.Json.JsonValueKind) } failed
            ? throw new InvalidOperationException($"{recording.Name}: {failed.Json}")
            : speaker.Text;
    }

    public ValueTask DisposeAsync() => _shared.DisposeAsync();

    /// <summary>What those who speak at once have in common; ended with the first of them.</summary>
    private sealed class Shared : ISessionFactory, IAsyncDisposable
    {
        private readonly PassScheduler _scheduler;
        private readonly TranscriptionEngine _engine;
        private bool _ended;

        private Shared(PassScheduler scheduler, IVoiceActivityModel activity, ModelInfo model)
        {
            _scheduler = scheduler;
            _engine = new TranscriptionEngine(scheduler, activity, new SessionOptions(), TimeProvider.System);
            _engine.AddModel(model);
        }

        public LiveServer Server { get; private set; } = null!;

        public bool IsReady => true;

        public PoolHealth Health => new(_engine.DefaultModel!.Name, 0, 0, 0, "normal", 0);

        public static async Task<Shared> StartAsync(IRecognizerModel model, IVoiceActivityModel activity, int count)
        {
            var shared = new Shared(await Recognizers.StartAsync(model, TimeProvider.System, count), activity, model.Info);
            shared.Server = await LiveServer.StartAsync(shared);
            return shared;
        }

        public ITranscriptionSession Create(SessionSettings settings, string tenant) => _engine.CreateSession(settings, tenant);

        public async ValueTask DisposeAsync()
        {
            if (!_ended)
            {
                _ended = true;
                await Server.DisposeAsync();
                await _engine.DisposeAsync();
                await _scheduler.DisposeAsync();
            }
        }
    }
}
