using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Operators;

namespace AsrHub.Rtc.Transcription.Tests.Operators;

public sealed class OperatorChainTests : IAudioSink
{
    private readonly List<float> _heard = [];
    private readonly TranscriptEventLog _log = new();

    [Fact]
    public void No_sample_is_lost_while_operators_come_go_and_move()
    {
        using var chain = Make(new OperatorCatalog());
        var random = new Random(3);
        var sent = new List<float>();
        for (var frame = 0; frame < 500; frame++)
        {
            if (random.Next(4) == 0)
            {
                // All with nothing to do, so that what comes out must be what went in.
                chain.Use([.. Enumerable.Range(0, random.Next(5)).Select(_ => new OperatorSetting("gain", Options(("db", 0))))]);
            }

            var pcm = Enumerable.Range(0, random.Next(1, 5000)).Select(_ => (float)((2 * random.NextDouble()) - 1)).ToArray();
            sent.AddRange(pcm);
            chain.Process(pcm, AudioDoor.Opus, this);
        }

        Assert.Equal(sent, _heard);
    }

    [Fact]
    public void Order_is_the_settings_order()
    {
        using var chain = Make(new OperatorCatalog());
        var up = new OperatorSetting("gain", Options(("db", 40)));
        var down = new OperatorSetting("gain", Options(("db", -40)));

        chain.Use([up, down]);
        chain.Process([0.5f], AudioDoor.Pcm, this);
        chain.Use([down, up]);
        chain.Process([0.5f], AudioDoor.Pcm, this);

        // Up first cuts at full scale; down first loses nothing.
        Assert.Equal([0.01f, 0.5f], _heard.Select(sample => MathF.Round(sample, 4)));
    }

    [Fact]
    public void Operator_that_stays_keeps_its_state_wherever_it_moves_and_one_that_goes_is_disposed_of()
    {
        var made = new List<CountingDetector>();
        using var chain = Make(new OperatorCatalog
        {
            WakeWord = () =>
            {
                made.Add(new CountingDetector());
                return made[^1];
            },
        });
        var wake = new OperatorSetting("wake-word", Options());
        var gain = new OperatorSetting("gain", Options(("db", 3)));
        chain.Use([wake, gain]);
        chain.Process(new float[100], AudioDoor.Pcm, this);
        chain.Use([gain, new OperatorSetting("wake-word", Options())]);
        chain.Process(new float[100], AudioDoor.Pcm, this);

        Assert.Equal(200, Assert.Single(made).Heard);
        chain.Use([gain]);
        Assert.True(made[0].IsDisposed);
    }

    [Fact]
    public async Task Wake_word_is_told_and_opens_the_gate_for_its_time()
    {
        using var chain = Make(new OperatorCatalog { WakeWord = () => new CountingDetector { WordAt = 1600 } });
        chain.Use([new OperatorSetting("wake-word", Options(("gate", 1), ("open_ms", 100)))]);
        for (var frame = 0; frame < 20; frame++)
        {
            chain.Process(Enumerable.Repeat(1f, 320).ToArray(), AudioDoor.Pcm, this);
        }

        Assert.Equal(Enumerable.Repeat(0f, 1280).Concat(Enumerable.Repeat(1f, 1600)).Concat(Enumerable.Repeat(0f, 20 * 320 - 2880)), _heard);
        Assert.Equal(1, _log.LastSequence);
        await foreach (var told in _log.ReadAsync(0, CancellationToken.None))
        {
            var woken = Assert.IsType<TranscriptEvent.WakeWord>(told);
            Assert.Equal(("computer", 100), (woken.Word, woken.AudioEndMs));
            break;
        }
    }

    [Fact]
    public void Frames_cost_no_memory()
    {
        using var chain = Make(new OperatorCatalog());
        chain.Use([new OperatorSetting("high-pass", Options()), new OperatorSetting("agc", Options()), new OperatorSetting("gain", Options())]);
        var sink = new DeafSink();
        var pcm = new float[320];
        pcm.AsSpan().Fill(0.1f);
        chain.Process(pcm, AudioDoor.Opus, sink);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var frame = 0; frame < 1000; frame++)
        {
            chain.Process(pcm, AudioDoor.Opus, sink);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("reverb", "", 0, ErrorCodes.OperatorUnknown, "gain, agc, high-pass, recording, wake-word")]
    [InlineData("gain", "dB", 3, ErrorCodes.SettingInvalid, "It has db.")]
    [InlineData("gain", "db", 41, ErrorCodes.SettingInvalid, "must be -40 to 40")]
    [InlineData("gain", "db", double.NaN, ErrorCodes.SettingInvalid, "must be -40 to 40")]
    [InlineData("recording", "", 0, ErrorCodes.OperatorNotAllowed, "Recording:Folder")]
    [InlineData("wake-word", "", 0, ErrorCodes.OperatorNotAllowed, "no wake-word detector")]
    public void What_is_wrong_is_named(string type, string option, double value, string code, string text)
    {
        var options = option.Length > 0 ? Options((option, value)) : Options();
        var error = new OperatorCatalog().Check([new OperatorSetting("gain", Options()), new OperatorSetting(type, options)]);
        Assert.Equal(code, error!.Code);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("x-operators[1]", error.Param, StringComparison.Ordinal);
    }

    void IAudioSink.Samples(ReadOnlySpan<float> pcm) => _heard.AddRange(pcm);

    void IAudioSink.Silence(long count)
    {
    }

    private static Dictionary<string, double> Options(params (string Name, double Value)[] options) => options.ToDictionary(option => option.Name, option => option.Value);

    private OperatorChain Make(OperatorCatalog catalog) => new(catalog, new OperatorHost("sess_test", _log, TimeProvider.System));

    private sealed class DeafSink : IAudioSink
    {
        public void Samples(ReadOnlySpan<float> pcm)
        {
        }

        public void Silence(long count)
        {
        }
    }

    private sealed class CountingDetector : IWakeWordDetector
    {
        public long Heard { get; private set; }

        public long WordAt { get; init; } = -1;

        public bool IsDisposed { get; private set; }

        public string? Hear(ReadOnlySpan<float> samples)
        {
            Heard += samples.Length;
            return Heard == WordAt ? "computer" : null;
        }

        public void Dispose() => IsDisposed = true;
    }
}
