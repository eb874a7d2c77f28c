using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Fakes;

/// <summary>An engine over installed models.</summary>
internal sealed class RealRig : IAsyncDisposable
{
    private const int Frame = 320;
    private readonly SileroVad _vad = new();

    private RealRig(SessionOptions options, TimeProvider time)
    {
        Engine = new TranscriptionEngine(Scheduler, _vad, options, time);
    }

    public PassScheduler Scheduler { get; } = new(new PassSchedulerOptions { MaxConcurrent = 2 }, TimeProvider.System);

    public TranscriptionEngine Engine { get; }

    public static async Task<RealRig> StartAsync(IRecognizerModel model, SessionOptions? options = null, ProviderPoolOptions? pool = null, TimeProvider? time = null)
    {
        var rig = new RealRig(options ?? new SessionOptions(), time ?? TimeProvider.System);
        _ = await rig.Scheduler.AddModelAsync(model, pool ?? new ProviderPoolOptions { MinSize = 2, MaxSize = 2 }, CancellationToken.None);
        rig.Engine.AddModel(model.Info);
        return rig;
    }

    public ITranscriptionSession Open(SessionKind kind = SessionKind.Live, int silenceMs = 400, SessionIncludes include = SessionIncludes.Interim) => Engine.CreateSession(
        new SessionSettings { Include = include, TurnDetection = new TurnDetection { SilenceDurationMs = silenceMs } },
        "tenant",
        kind);

    /// <summary>Sends Opus packets, as fast as they are taken or at the pace of speech.</summary>
    public static async Task SendAsync(ITranscriptionSession session, float[] pcm, bool atPace = false)
    {
        using var encoder = new OpusEncoder(bitrate: 64_000);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var at = 0; at + Frame <= pcm.Length; at += Frame)
        {
            var packet = encoder.Encode(pcm.AsSpan(at, Frame)).ToArray();
            while (!session.TryWrite(SessionRig.Packet(packet, at / Frame)))
            {
                // More than a microphone could say: the queue of 30 s is full, and a busy machine takes its time.
                await Task.Delay(5);
            }

            if (atPace)
            {
                _ = await pace.WaitForNextTickAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await Scheduler.DisposeAsync();
        _vad.Dispose();
    }
}
