using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Operators;

/// <summary>What a session is told when its recording cannot go on.</summary>
public sealed class RecordingFaultTests
{
    private static readonly OperatorSetting Recording = new("recording", new Dictionary<string, double>());

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(20_000)]
    public void Disk_that_takes_no_more_is_told_once(int room)
    {
        foreach (var opus in new[] { true, false })
        {
            var disks = new List<SmallDisk>();
            var log = new TranscriptEventLog();
            var recording = new Recording(Catalog(room, disks), new OperatorHost("sess_test", log, TimeProvider.System));
            var packets = OpusPackets.Encode(Tone.Voice(16_000 * 10));
            for (var i = 0; i < packets.Count; i++)
            {
                if (opus)
                {
                    recording.Packet(SessionRig.Packet(packets[i], i));
                }

                recording.Process(new float[320], opus ? AudioDoor.Opus : AudioDoor.Pcm);
            }

            recording.Dispose();
            Assert.Equal(1, log.LastSequence);
            Assert.True(Assert.Single(disks).IsClosed);
        }
    }

    [Fact]
    public async Task Disk_that_is_found_full_at_the_end_is_told_before_the_session_closes()
    {
        await using var rig = await SessionRig.StartAsync(operators: Catalog(10_000, []));
        var session = rig.Open(new SessionSettings { Operators = [Recording] });
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(1000));
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal(ErrorCodes.RecordingFailed, Assert.Single(events.OfType<TranscriptEvent.ErrorRaised>()).Detail.Code);
    }

    [Fact]
    public async Task Disk_that_is_found_full_when_the_operator_goes_is_told_once()
    {
        await using var rig = await SessionRig.StartAsync(operators: Catalog(10_000, []));
        var session = rig.Open(new SessionSettings { Operators = [Recording] });
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(1000));
        session.Update(new SessionSettings());
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal(ErrorCodes.RecordingFailed, Assert.Single(events.OfType<TranscriptEvent.ErrorRaised>()).Detail.Code);
    }

    [Fact]
    public async Task Recordings_of_a_session_end_where_the_server_says()
    {
        var disks = new List<SmallDisk>();
        var catalog = new OperatorCatalog
        {
            RecordingFolder = "nowhere",
            MaxRecordingBytes = 100_000,
            CreateRecording = _ =>
            {
                disks.Add(new SmallDisk(int.MaxValue));
                return disks[^1];
            },
        };
        await using var rig = await SessionRig.StartAsync(operators: catalog);
        var session = rig.Open(new SessionSettings { Operators = [Recording] });
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(2000));
        session.Update(new SessionSettings());
        session.Update(new SessionSettings { Operators = [Recording] });
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(2000));
        session.Update(new SessionSettings());
        session.Update(new SessionSettings { Operators = [Recording] });
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(1000));
        var events = await SessionRig.FinishAsync(session);

        // The first has its place, the second what is left, and the third no file at all.
        Assert.Equal(2, disks.Count);
        Assert.InRange(disks.Sum(static disk => disk.Length), 100_000, 104_000);
        var errors = events.OfType<TranscriptEvent.ErrorRaised>().Select(static e => e.Detail).ToArray();
        Assert.Equal([ErrorCodes.RecordingFailed, ErrorCodes.RecordingFailed], errors.Select(static e => e.Code));
        Assert.All(errors, static e => Assert.Contains("Recording:MaxMegabytes", e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Recordings_of_less_than_a_second_count_as_well()
    {
        var disks = new List<SmallDisk>();
        var catalog = new OperatorCatalog { RecordingFolder = "nowhere", MaxRecordingBytes = 100_000, CreateRecording = Catalog(int.MaxValue, disks).CreateRecording };
        var host = new OperatorHost("sess_test", new TranscriptEventLog(), TimeProvider.System);
        var packets = OpusPackets.Encode(Tone.Voice(16_000 * 40 / 50));
        for (var file = 0; file < 200; file++)
        {
            using var recording = new Recording(catalog, host);
            for (var i = 0; i < packets.Count; i++)
            {
                recording.Packet(SessionRig.Packet(packets[i], i));
            }
        }

        Assert.InRange(disks.Sum(static disk => disk.Length), 100_000, 110_000);
    }

    private static OperatorCatalog Catalog(int room, List<SmallDisk> disks) => new()
    {
        RecordingFolder = "nowhere",
        CreateRecording = _ =>
        {
            disks.Add(new SmallDisk(room));

            // As the system's files have one: what does not fit is found when it is written out.
            return new BufferedStream(disks[^1], 65_536);
        },
    };

    /// <summary>A file on a disk with so much room.</summary>
    private sealed class SmallDisk(int room) : Stream
    {
        private long _length;

        public bool IsClosed { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position { get; set; }

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Position + count > room)
            {
                throw new IOException("No space left on device");
            }

            Position += count;
            _length = Math.Max(_length, Position);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin == SeekOrigin.Begin ? offset : origin == SeekOrigin.End ? _length + offset : Position + offset;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            IsClosed = true;
            base.Dispose(disposing);
        }
    }
}
