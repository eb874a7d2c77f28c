using AsrHub.Rtc.AsrBench;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using AsrHub.Rtc.Transcription.Tests.Files;
using AsrHub.Rtc.Transcription.Tests.Moonshine;
using AsrHub.Rtc.Transcription.Tests.Whisper;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>
/// Where nobody speaks nothing is written, not even for a moment: no interim, no delta, no final. The clock is the audio: each 100 ms are given when the work of
/// those before is done, so that every pass that a person in front of a microphone would cause is run, however busy the machine is.
/// </summary>
public sealed class NobodySpeaksTests(MoonshineFixture moonshine, WhisperFixture whisper) : IClassFixture<MoonshineFixture>, IClassFixture<WhisperFixture>
{
    private const int Second = 16_000;
    private const int Step = Second / 10;
    private const string Noise = "speech/noise";

    [SharedFact(Noise)]
    public Task Noise_has_no_words_while_it_lasts_and_none_after_by_Moonshine() => NoiseHasNoWordsAsync(moonshine.Own);

    [SharedFact(Noise, WhisperFixture.Export)]
    public Task Noise_has_no_words_while_it_lasts_and_none_after_by_Whisper() => NoiseHasNoWordsAsync(whisper.Model);

    [SharedFact(Noise, WhisperFixture.Export)]
    public async Task Noise_in_files_has_no_words()
    {
        using var activity = new SileroVad();
        foreach (var model in new IRecognizerModel[] { moonshine.Own, whisper.Model })
        {
            await using var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 1 }, TimeProvider.System);
            _ = await scheduler.AddModelAsync(model, new ProviderPoolOptions { MinSize = 1, MaxSize = 1, MaxLease = TimeSpan.FromMinutes(5) }, CancellationToken.None);
            var transcriber = new FileTranscriber(scheduler, activity, model.Info, lookAhead: 1);
            foreach (var clip in Clips())
            {
                await foreach (var segment in transcriber.TranscribeAsync(FileTranscriberTests.Pieces(SpeechClip.Samples(clip)), new FileRequest()))
                {
                    Assert.Equal((clip, ""), (clip, segment.Text));
                }
            }
        }
    }

    [ModelTheory]
    [InlineData("digital silence")]
    [InlineData("hiss")]
    [InlineData("hum of the mains")]
    [InlineData("a fan that drifts")]
    public async Task Ten_minutes_of_a_live_microphone_that_nobody_speaks_into_have_no_words(string kind)
    {
        var sound = Sound(kind);
        await using var rig = await Rig.StartAsync(moonshine.Own);
        var events = await rig.HearAsync(600 * Second, sound);
        Assert.Equal(["SessionCreated", "Closed"], events.Select(static e => e.GetType().Name));
        Assert.Equal(0, rig.Passes);
    }

    [ModelFact]
    public async Task Words_after_ten_silent_minutes_are_heard()
    {
        await using var rig = await Rig.StartAsync(moonshine.Own);
        var clip = SpeechClip.Samples(SharedData.Bundled("LJ001-0002.flac"));
        var events = await rig.HearAsync((600 * Second) + clip.Length + Second, (at, piece) =>
        {
            for (var i = 0; i < piece.Length; i++)
            {
                var spoken = at + i - (600 * Second);
                piece[i] = spoken >= 0 && spoken < clip.Length ? clip[spoken] : 0;
            }
        });
        Assert.Equal("in being comparatively modern", Words.Normalized(SessionRig.Finals(events)));
    }

    private static Action<int, Span<float>> Sound(string kind)
    {
        var random = new Random(1);
        var drift = 0f;
        return (at, piece) =>
        {
            for (var i = 0; i < piece.Length; i++)
            {
                var noise = random.NextSingle() - 0.5f;
                var time = (at + i) / (double)Second;
                drift = (0.98f * drift) + (0.02f * noise);
                piece[i] = kind switch
                {
                    "digital silence" => 0,
                    "hiss" => noise * 0.004f,
                    "hum of the mains" => (float)((0.004 * Math.Sin(2 * Math.PI * 50 * time)) + (0.002 * Math.Sin(2 * Math.PI * 150 * time))) + (noise * 0.001f),
                    _ => drift * (float)(0.15 + (0.1 * Math.Sin(2 * Math.PI * time / 40))),
                };
            }
        };
    }

    private static string[] Clips() => [.. Directory.GetFiles(SharedData.Find(Noise)!, "*.wav").Order(StringComparer.Ordinal)];

    private static IEnumerable<string> WordsIn(IEnumerable<TranscriptEvent> events) => events
        .Select(static e => e switch
        {
            TranscriptEvent.Interim interim => interim.CommittedText + interim.Tail,
            TranscriptEvent.Delta delta => delta.Text,
            TranscriptEvent.Completed completed => completed.Transcript,
            _ => "",
        })
        .Where(static text => text.Any(char.IsLetterOrDigit));

    private static async Task NoiseHasNoWordsAsync(IRecognizerModel model)
    {
        await using var rig = await Rig.StartAsync(model);
        foreach (var clip in Clips())
        {
            var samples = SpeechClip.Samples(clip);
            var events = await rig.HearAsync(samples.Length, (at, piece) => samples.AsSpan(at, piece.Length).CopyTo(piece));
            SessionRig.CheckContract(events);
            Assert.Equal((clip, ""), (clip, string.Join(" | ", WordsIn(events))));
        }
    }

    /// <summary>Live sessions in the time of their audio.</summary>
    private sealed class Rig : IAsyncDisposable
    {
        private readonly SileroVad _activity = new();
        private readonly ManualTime _time = new();
        private readonly PassScheduler _scheduler = new(new PassSchedulerOptions { MaxConcurrent = 1 }, TimeProvider.System);
        private readonly MeteredScheduler _metered;
        private readonly TranscriptionEngine _engine;

        private Rig()
        {
            _metered = new MeteredScheduler(_scheduler);
            _engine = new TranscriptionEngine(_metered, _activity, new SessionOptions(), _time);
        }

        public int Passes => _metered.Passes;

        public static async Task<Rig> StartAsync(IRecognizerModel model)
        {
            var rig = new Rig();
            _ = await rig._scheduler.AddModelAsync(model, new ProviderPoolOptions { MinSize = 1, MaxSize = 1, MaxLease = TimeSpan.FromMinutes(5) }, CancellationToken.None);
            rig._engine.AddModel(model.Info);
            return rig;
        }

        public async Task<List<TranscriptEvent>> HearAsync(int length, Action<int, Span<float>> fill)
        {
            await using var session = (TranscriptionSession)_engine.CreateSession(new SessionSettings { Include = SessionIncludes.Interim }, "tenant");
            var piece = new float[Step];
            for (var at = 0; at < length; at += Step)
            {
                var count = Math.Min(Step, length - at);
                fill(at, piece.AsSpan(0, count));
                _time.Advance(TimeSpan.FromSeconds((double)count / Second));
                await session.WritePcmAsync(piece.AsMemory(0, count), CancellationToken.None);
                await _metered.SettleAsync(session);
            }

            return await SessionRig.FinishAsync(session);
        }

        public async ValueTask DisposeAsync()
        {
            await _engine.DisposeAsync();
            await _scheduler.DisposeAsync();
            _activity.Dispose();
        }
    }
}
