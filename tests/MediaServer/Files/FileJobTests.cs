using AsrHub.Rtc.MediaServer.Files;
using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.MediaServer.Tests.Files;

public sealed class FileJobTests : IDisposable
{
    private const string Version = "scripted 1";
    private static readonly ModelInfo Model = new() { Name = "scripted", Languages = ["en", "de"], DetectsLanguage = true, MaxSamples = 16_000 * 30 };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("asrhub-test");

    private string Recording => Path.Combine(_folder.FullName, "talk.wav");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1, 0.95f)]
    [InlineData(4, 0.5f)]
    public async Task Resumed_run_is_told_the_language_where_an_unbroken_one_is(int seconds, float probability)
    {
        // Eight times speech that is too short, or a language that is too unsure, to settle on it.
        await WriteAsync(Enumerable.Repeat(seconds, 8));
        var unbroken = new Scheduler { Probability = probability };
        var whole = await RunAsync(unbroken);
        Assert.Equal(8, whole.Count);
        Assert.Equal(new string?[8], unbroken.Told);

        var resumed = new Scheduler { Probability = probability, FailsAt = 3 };
        _ = await Assert.ThrowsAsync<MediaFileException>(() => RunAsync(resumed));
        Assert.Equal(whole.Select(static segment => segment.Text), (await RunAsync(resumed)).Select(static segment => segment.Text));
        Assert.Equal(new string?[8], resumed.Told);
    }

    [Fact]
    public async Task Language_that_was_settled_stays_so_in_a_resumed_run()
    {
        await WriteAsync([1, 4, 4, 4]);
        var scheduler = new Scheduler { Probability = 0.95f, FailsAt = 4 };
        _ = await Assert.ThrowsAsync<MediaFileException>(() => RunAsync(scheduler));
        Assert.Equal(4, (await RunAsync(scheduler)).Count);
        Assert.Equal([null, null, "de", "de"], scheduler.Told);
    }

    [Fact]
    public async Task Windows_that_were_unsure_count_in_a_resumed_run()
    {
        await WriteAsync([1, 1, 1, 1, 1, 1, 4, 4]);
        var scheduler = new Scheduler { Probability = 0.95f, FailsAt = 4 };
        _ = await Assert.ThrowsAsync<MediaFileException>(() => RunAsync(scheduler));
        Assert.Equal(8, (await RunAsync(scheduler)).Count);
        Assert.Equal(new string?[8], scheduler.Told);
    }

    [Fact]
    public async Task Progress_of_other_files_of_the_model_is_not_used()
    {
        await WriteAsync([1, 1]);
        var scheduler = new Scheduler { FailsAt = 2 };
        _ = await Assert.ThrowsAsync<MediaFileException>(() => RunAsync(scheduler));
        var display = new Display();
        Assert.Equal(2, (await RunAsync(scheduler, display, "scripted 2")).Count);
        Assert.Contains("belongs to another version", Assert.Single(display.Lines), StringComparison.Ordinal);
        Assert.Equal(3, scheduler.Told.Count);
    }

    [Fact]
    public async Task Error_that_nobody_foresaw_ends_the_job_and_is_told()
    {
        await WriteAsync([1]);
        var scheduler = new Scheduler { Failure = new InvalidOperationException("what is this?") };
        var exception = await Assert.ThrowsAsync<MediaFileException>(() => RunAsync(scheduler));
        Assert.Contains(Recording, exception.Message, StringComparison.Ordinal);
        Assert.Contains("what is this?", exception.Message, StringComparison.Ordinal);
    }

    private async Task<List<TranscriptSegment>> RunAsync(Scheduler scheduler, Display? display = null, string version = Version)
    {
        var transcriber = new FileTranscriber(scheduler, new EnergyActivity(), Model, lookAhead: 3);
        var job = new FileJob(Recording, Model, version, new TranscribeOptions { Files = [Recording], Resume = true }, display ?? new Display());
        using var gate = new SemaphoreSlim(1);
        var running = job.RunAsync(transcriber, gate, CancellationToken.None);
        using var patience = new CancellationTokenSource(Patience);
        var segments = new List<TranscriptSegment>();
        await foreach (var segment in job.Segments.ReadAllAsync(patience.Token))
        {
            segments.Add(segment);
        }

        await running;
        return segments;
    }

    /// <summary>A recording of loud noise for some seconds each, with pauses between.</summary>
    private async Task WriteAsync(IEnumerable<int> seconds)
    {
        var samples = new List<short>();
        var random = new Random(1);
        foreach (var length in seconds)
        {
            samples.AddRange(Enumerable.Range(0, 16_000 * length).Select(_ => (short)random.Next(-8000, 8000)));
            samples.AddRange(new short[16_000 * 5 / 2]);
        }

        await using var file = File.Create(Recording);
        await using var writer = new BinaryWriter(file);
        writer.Write("RIFF"u8);
        writer.Write(36 + (2 * samples.Count));
        writer.Write([.. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, 0x80, 0x3e, 0, 0, 0, 0x7d, 0, 0, 2, 0, 16, 0, .. "data"u8]);
        writer.Write(2 * samples.Count);
        samples.ForEach(writer.Write);
    }

    /// <summary>Hears German, and keeps which language it was told of; a pass that fails counts for none.</summary>
    private sealed class Scheduler : IPassScheduler
    {
        private readonly Lock _gate = new();
        private int _asked;

        public float Probability { get; init; } = 0.95f;

        /// <summary>Number of the pass that fails.</summary>
        public int FailsAt { get; init; }

        public Exception? Failure { get; init; }

        public List<string?> Told { get; } = [];

        public ValueTask<PassResult?> RunAsync(ScheduledPass pass, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                if (Failure is not null || ++_asked == FailsAt)
                {
                    throw Failure ?? new RecognizerException("They fail.");
                }

                // After the failure passes may still come that ran beside it.
                Told.Add(pass.Request.Language);
                return ValueTask.FromResult<PassResult?>(new PassResult
                {
                    Text = $"{pass.SessionId.Split('/')[1]}",
                    Tokens = [],
                    Confidences = [],
                    Language = "de",
                    LanguageProbability = Probability,
                });
            }
        }

        public PassLoad GetLoad(string model) => PassLoad.Normal;
    }

    private sealed class Display : IProgressDisplay, IProgressTrack
    {
        public List<string> Lines { get; } = [];

        public IProgressTrack Begin(string file, TimeSpan? duration) => this;

        public void Say(string line) => Lines.Add(line);

        public void Start(TimeSpan position)
        {
        }

        public void Advance(TimeSpan position)
        {
        }

        public void End(TimeSpan position)
        {
        }
    }
}
