using System.Diagnostics;
using System.Globalization;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Operators;

public sealed class RecordingTests : IDisposable
{
    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("recording-").FullName, "calls");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [ToolFact("ffprobe", "ffmpeg")]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void Opus_goes_into_an_ogg_file_as_it_came()
    {
        Record(packets: 500, lost: _ => false);

        var file = Assert.Single(Directory.GetFiles(_folder, "*.opus"));
        var shown = Run("ffprobe", "-v", "error", "-show_entries", "stream=codec_name,channels,sample_rate:format=duration,format_name", "-of", "default=nw=1:nk=1", file).Split('\n');
        Assert.Equal(["opus", "48000", "1", "ogg"], shown[..4]);

        // The tool counts the 6.5 ms that the encoder put before the first sample, or does not.
        Assert.Equal(10, double.Parse(shown[4], CultureInfo.InvariantCulture), 0.01);
        Assert.Equal("", Run("ffmpeg", "-v", "warning", "-i", file, "-f", "null", "-"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [ToolFact("ffmpeg", "ffmpeg")]
    public void Lost_packets_leave_a_recording_as_long_as_the_call()
    {
        Record(packets: 500, lost: packet => packet is > 100 and < 180 || packet % 7 == 3);

        var file = Assert.Single(Directory.GetFiles(_folder, "*.opus"));
        var wav = Path.Combine(_folder, "decoded.raw");
        Assert.Equal("", Run("ffmpeg", "-v", "error", "-i", file, "-f", "s16le", "-ar", "48000", "-ac", "1", wav));
        Assert.Equal(10 - (312 / 48_000.0), new FileInfo(wav).Length / 2 / 48_000.0, 0.03);
    }

    [ToolFact("soxi", "sox")]
    public async Task Samples_go_into_a_wav_file_from_the_update_that_asks_for_it_on()
    {
        await using (var rig = await SessionRig.StartAsync(operators: new OperatorCatalog { RecordingFolder = _folder }))
        {
            var session = rig.Open();
            await SessionRig.SpeakAsync(session, CodedSpeech.Silence(1000));
            session.Update(new SessionSettings { Operators = [Recording] });
            await SessionRig.SpeakAsync(session, CodedSpeech.Silence(2500));
            session.Update(new SessionSettings());
            await SessionRig.SpeakAsync(session, CodedSpeech.Silence(700));
            var events = await SessionRig.FinishAsync(session);
            Assert.Equal(2, events.OfType<TranscriptEvent.SessionUpdated>().Count());
        }

        var file = Assert.Single(Directory.GetFiles(_folder, "*.wav"));
        Assert.Equal($"{2500 * 16}", Run("soxi", "-s", file));
        Assert.Equal("16000", Run("soxi", "-r", file));
        Assert.Equal("", Run("sox", file, "-n"));
    }

    [Fact]
    public async Task Session_is_refused_what_the_server_does_not_allow()
    {
        await using var rig = await SessionRig.StartAsync();
        var rejected = Assert.Throws<SessionRejectedException>(() => rig.Open(new SessionSettings { Operators = [Recording] }));
        Assert.Equal(ErrorCodes.OperatorNotAllowed, rejected.Detail.Code);

        var session = rig.Open();
        session.Update(new SessionSettings { Operators = [new OperatorSetting("reverb", new Dictionary<string, double>())] }, "event_1");
        var error = Assert.Single((await SessionRig.FinishAsync(session)).OfType<TranscriptEvent.ErrorRaised>()).Detail;
        Assert.Equal((ErrorCodes.OperatorUnknown, "event_1"), (error.Code, error.CausedByEventId));
    }

    [Fact]
    public async Task Speech_is_heard_through_a_chain_that_changes_all_the_time()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        var quiet = new OperatorSetting("gain", new Dictionary<string, double> { ["db"] = 0 });
        IReadOnlyList<OperatorSetting>[] chains = [[], [quiet], [quiet, quiet], [quiet]];
        var speech = CodedSpeech.Say(1, 2, 3, 4, 5, 6);
        for (var at = 0; at < speech.Length; at += 1600)
        {
            session.Update(new SessionSettings { Operators = chains[at / 1600 % chains.Length] });
            await SessionRig.SpeakAsync(session, speech[at..Math.Min(at + 1600, speech.Length)]);
        }

        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(1000));
        Assert.Equal(CodedSpeech.Text([1, 2, 3, 4, 5, 6]), SessionRig.Finals(await SessionRig.FinishAsync(session)));
    }

    [ToolFact("ffmpeg", "ffmpeg")]
    public void Recording_can_be_played_up_to_the_last_second_while_it_is_made()
    {
        using var recording = new Recording(new OperatorCatalog { RecordingFolder = _folder }, new OperatorHost("sess_test", new TranscriptEventLog(), TimeProvider.System));
        var packets = OpusPackets.Encode(Tone.Voice(16_000 * 5));
        for (var i = 0; i < packets.Count; i++)
        {
            recording.Packet(SessionRig.Packet(packets[i], i));
        }

        Assert.InRange(Decode(Assert.Single(Directory.GetFiles(_folder))), 3.9, 5);
    }

    [Fact]
    public async Task Two_recordings_of_one_session_have_files_of_their_own()
    {
        await using var rig = await SessionRig.StartAsync(operators: new OperatorCatalog { RecordingFolder = _folder }, time: new ManualTime());
        var session = rig.Open(new SessionSettings { Operators = [Recording, new OperatorSetting("gain", new Dictionary<string, double>()), Recording] });
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(500));
        session.Update(new SessionSettings());
        session.Update(new SessionSettings { Operators = [Recording] });
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(500));
        var events = await SessionRig.FinishAsync(session);

        Assert.Empty(events.OfType<TranscriptEvent.ErrorRaised>());
        Assert.Equal([16_044, 16_044, 16_044], Directory.GetFiles(_folder).Select(static file => new FileInfo(file).Length));
    }

    [ToolFact("ffmpeg", "ffmpeg")]
    public void Pause_without_packets_is_as_long_in_the_recording()
    {
        var time = new ManualTime();
        Jump(time, jumps: 1, TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(50));
        Assert.Equal(3000, Decode(Assert.Single(Directory.GetFiles(_folder))), 0.1);
    }

    [ToolFact("ffmpeg", "ffmpeg")]
    public void Gap_of_10_ms_is_as_long_in_the_recording()
    {
        using (var recording = new Recording(new OperatorCatalog { RecordingFolder = _folder }, new OperatorHost("sess_test", new TranscriptEventLog(), TimeProvider.System)))
        {
            var packets = OpusPackets.Encode(Tone.Voice(16_000 * 5), packetMs: 10);
            for (var i = 0; i < packets.Count; i++)
            {
                if (i % 5 != 3)
                {
                    recording.Packet(new EncodedAudio(packets[i], (uint)(i * 480), i % 5 == 4 ? 1 : 0, i == 0, 0));
                }
            }
        }

        Assert.Equal(5, Decode(Assert.Single(Directory.GetFiles(_folder))), 0.05);
    }

    [Fact]
    public void Timestamps_that_jump_do_not_fill_the_disk()
    {
        Jump(new ManualTime(), jumps: 50, TimeSpan.FromMinutes(50), TimeSpan.FromMilliseconds(20));
        Assert.InRange(new FileInfo(Assert.Single(Directory.GetFiles(_folder))).Length, 1, 50_000);
    }

    private static OperatorSetting Recording { get; } = new("recording", new Dictionary<string, double>());

    private void Record(int packets, Func<int, bool> lost)
    {
        using var encoder = new OpusEncoder(48_000, bitrate: 32_000);
        var log = new TranscriptEventLog();
        using var recording = new Recording(new OperatorCatalog { RecordingFolder = _folder }, new OperatorHost("sess_test", log, TimeProvider.System));
        var pcm = Tone.Voice(packets * 960, 48_000);
        var missing = 0;
        for (var i = 0; i < packets; i++)
        {
            var packet = encoder.Encode(pcm.AsSpan(i * 960, 960));
            if (lost(i))
            {
                missing++;
                continue;
            }

            recording.Packet(new EncodedAudio(packet, uint.MaxValue - 100_000 + (uint)(i * 960), missing, i == 0, 0));
            missing = 0;
        }

        Assert.Equal(0, log.LastSequence);
    }

    /// <summary>Records packets before each of which the sender's clock jumps by one time, and the real one by another.</summary>
    private void Jump(ManualTime time, int jumps, TimeSpan timestamps, TimeSpan passes)
    {
        using var recording = new Recording(new OperatorCatalog { RecordingFolder = _folder }, new OperatorHost("sess_test", new TranscriptEventLog(), time));
        var packet = OpusPackets.Encode(Tone.Voice(320))[0];
        for (var i = 0; i <= jumps; i++)
        {
            recording.Packet(new EncodedAudio(packet, (uint)(i * (long)(timestamps.TotalSeconds * 48_000)), 0, i == 0, time.GetTimestamp()));
            time.Advance(passes);
        }
    }

    /// <summary>Seconds of sound that a player makes of a file.</summary>
    private static double Decode(string file)
    {
        var raw = Path.ChangeExtension(file, ".raw");
        Assert.Equal("", Run("ffmpeg", "-v", "error", "-i", file, "-f", "s16le", "-ar", "8000", "-ac", "1", raw));
        return new FileInfo(raw).Length / 2 / 8000.0;
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output + errors.Result).Trim();
    }
}
