using System.Runtime.InteropServices;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Tests.Audio;

public sealed class OpusTrackTests : IDisposable
{
    private const int Frame = 320;
    private const int FrameTicks = 960;
    private readonly OpusTrack _track = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _track.Dispose();

    [Theory]
    [InlineData(2.5)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(60)]
    public void Packets_of_any_duration_decode_to_as_many_samples(double milliseconds)
    {
        var samples = (int)(16 * milliseconds);
        using var encoder = new OpusEncoder();
        var packet = encoder.Encode(Tone.Voice(samples));

        _track.Receive(new EncodedAudio(packet, 0, 0, true, 0), _sink);

        Assert.Equal(samples, _sink.Pcm.Count);
        Assert.Equal(1, _track.Counters.Decoded);
    }

    [Fact]
    public void A_packet_of_120_ms_made_of_six_frames_decodes_whole()
    {
        using var encoder = new OpusEncoder();
        var pcm = Tone.Voice(6 * Frame);
        var frames = Enumerable.Range(0, 6).Select(i => encoder.Encode(pcm.AsSpan(i * Frame, Frame))).ToArray();

        _track.Receive(new EncodedAudio(Join(frames), 0, 0, true, 0), _sink);

        Assert.Equal(6 * Frame, _sink.Pcm.Count);
        Assert.InRange(Tone.Rms(CollectionsMarshal.AsSpan(_sink.Pcm)[Frame..]), 0.05, 0.3);
    }

    [Fact]
    public void Stereo_at_48_kHz_becomes_mono_at_16_kHz()
    {
        using var encoder = new OpusEncoder(48_000, 2, 64_000);
        var mono = Tone.Voice(20 * 960, 48_000);
        for (var i = 0; i < 20; i++)
        {
            var stereo = new float[1920];
            for (var k = 0; k < 960; k++)
            {
                stereo[2 * k] = stereo[(2 * k) + 1] = mono[(i * 960) + k];
            }

            Send(encoder.Encode(stereo), i);
        }

        Assert.Equal(20 * Frame, _sink.Pcm.Count);
        Assert.InRange(Tone.Rms(CollectionsMarshal.AsSpan(_sink.Pcm)[1600..]), Tone.Rms(mono) * 0.7, Tone.Rms(mono) * 1.3);
    }

    [Fact]
    public void A_single_lost_packet_is_restored_from_the_copy_in_the_next_one()
    {
        // The voice sets in with the lost frame, so that concealment from the quiet before it could not pass for it.
        var pcm = new float[30 * Frame];
        Tone.Voice(10 * Frame).CopyTo(pcm.AsSpan(20 * Frame));
        var packets = Encode(pcm, fec: true);
        var whole = new RecordingSink();
        using (var reference = new OpusTrack())
        {
            for (var i = 0; i < packets.Length; i++)
            {
                reference.Receive(new EncodedAudio(packets[i], (uint)(i * FrameTicks), 0, i == 0, 0), whole);
            }
        }

        SendAllBut(packets, lostFrom: 20, lostCount: 1);

        Assert.Equal(whole.Pcm.Count, _sink.Pcm.Count);
        Assert.Equal(Frame, _track.Counters.FecSamples);
        Assert.Equal(0, _track.Counters.ConcealedSamples);
        Assert.True(Likeness(whole, 20, 1) > 0.8, "the restored frame is not the lost one");
    }

    [Fact]
    public void Of_several_lost_packets_the_last_is_restored_and_the_others_are_concealed()
    {
        SendAllBut(Encode(30, fec: true), lostFrom: 10, lostCount: 3);

        Assert.Equal(30 * Frame, _sink.Pcm.Count);
        Assert.Equal(Frame, _track.Counters.FecSamples);
        Assert.Equal(2 * Frame, _track.Counters.ConcealedSamples);
        Assert.Equal(3, _track.Counters.Lost);
    }

    [Fact]
    public void Concealment_ends_after_120_ms_and_silence_follows()
    {
        SendAllBut(Encode(60, fec: true), lostFrom: 10, lostCount: 30);

        Assert.Equal(60 * Frame, _sink.Pcm.Count);
        Assert.Equal(OpusTrack.LongestConcealment, _track.Counters.ConcealedSamples + _track.Counters.FecSamples);
        Assert.Equal((30 * Frame) - OpusTrack.LongestConcealment, _track.Counters.SilentSamples);
        Assert.Equal((30 * Frame) - OpusTrack.LongestConcealment, Assert.Single(_sink.Silences).Count);
    }

    [Fact]
    public void A_timestamp_jump_without_loss_is_silence_and_not_concealment()
    {
        var packets = Encode(20);
        for (var i = 0; i < 10; i++)
        {
            Send(packets[i], i);
        }

        Send(packets[10], 10 + 50);

        Assert.Equal(61 * Frame, _sink.Pcm.Count);
        Assert.Equal(50 * Frame, _track.Counters.SilentSamples);
        Assert.Equal(0, _track.Counters.ConcealedSamples + _track.Counters.FecSamples);
    }

    [Fact]
    public void A_long_mute_costs_no_memory_and_keeps_time()
    {
        var counting = new CountingSink();
        var packet = Encode(1)[0];
        _track.Receive(new EncodedAudio(packet, uint.MaxValue - 100, 0, true, 0), counting);
        _track.Receive(new EncodedAudio(packet, unchecked(uint.MaxValue - 100 + (48_000 * 600)), 0, false, 0), counting);

        Assert.Equal((600 * 16_000) + Frame, counting.Total);
    }

    [Fact]
    public void Garbage_is_concealed_and_counted()
    {
        var packets = Encode(10);
        packets[5] = [0xff, 0xff, 0xff, 0xff, 0xff];
        for (var i = 0; i < packets.Length; i++)
        {
            Send(packets[i], i);
        }

        Assert.Equal(10 * Frame, _sink.Pcm.Count);
        Assert.Equal(1, _track.Counters.Malformed);
        Assert.Equal(Frame, _track.Counters.ConcealedSamples);
    }

    [Fact]
    public void No_prefix_and_no_one_byte_change_of_a_packet_throws_or_breaks_the_time_line()
    {
        var packet = Encode(5, fec: true)[4];
        var at = 0u;
        for (var length = 0; length <= packet.Length; length++)
        {
            _track.Receive(new EncodedAudio(packet.AsSpan(0, length), at, length & 1, at == 0, 0), _sink);
            at += FrameTicks;
        }

        var copy = packet.ToArray();
        for (var i = 0; i < packet.Length; i++)
        {
            foreach (var flip in new byte[] { 0x01, 0x80, 0xff })
            {
                copy[i] ^= flip;
                _track.Receive(new EncodedAudio(copy, at, i & 3, false, 0), _sink);
                copy[i] ^= flip;
                at += FrameTicks;
            }
        }

        Assert.All(_sink.Pcm, sample => Assert.True(float.IsFinite(sample)));
    }

    [Fact]
    public void A_timestamp_that_goes_back_starts_over_without_a_gap()
    {
        var packets = Encode(3);
        Send(packets[0], 100);
        Send(packets[1], 50);
        Send(packets[2], 51);

        Assert.Equal(3 * Frame, _sink.Pcm.Count);
        Assert.Equal(1, _track.Counters.Discontinuities);
    }

    [Fact]
    public void A_new_stream_leaves_no_gap()
    {
        var packets = Encode(2);
        Send(packets[0], 0);
        _track.Receive(new EncodedAudio(packets[1], 77_777_777, 5, true, 0), _sink);

        Assert.Equal(2 * Frame, _sink.Pcm.Count);
        Assert.Empty(_sink.Silences);
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        var packets = Encode(100, fec: true);
        var sink = new CountingSink();
        Play(sink, packets, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Play(sink, packets, 100);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Play(CountingSink sink, byte[][] packets, int from)
    {
        for (var i = 0; i < packets.Length; i++)
        {
            if (i % 10 != 3)
            {
                _track.Receive(new EncodedAudio(packets[i], (uint)((from + i) * FrameTicks), i % 10 == 4 ? 1 : 0, false, 0), sink);
            }
        }
    }

    private void Send(byte[] packet, int frame, int lost = 0) =>
        _track.Receive(new EncodedAudio(packet, (uint)(frame * FrameTicks), lost, frame == 0, 0), _sink);

    private void SendAllBut(byte[][] packets, int lostFrom, int lostCount)
    {
        for (var i = 0; i < packets.Length; i++)
        {
            if (i < lostFrom || i >= lostFrom + lostCount)
            {
                Send(packets[i], i, i == lostFrom + lostCount ? lostCount : 0);
            }
        }
    }

    private double Likeness(RecordingSink whole, int frame, int count)
    {
        var expected = CollectionsMarshal.AsSpan(whole.Pcm).Slice(frame * Frame, count * Frame);
        var actual = CollectionsMarshal.AsSpan(_sink.Pcm).Slice(frame * Frame, count * Frame);
        double dot = 0, a = 0, b = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            dot += expected[i] * actual[i];
            a += expected[i] * expected[i];
            b += actual[i] * actual[i];
        }

        return dot / Math.Sqrt(a * b);
    }

    private static byte[][] Encode(int frames, bool fec = false) => Encode(Tone.Voice(frames * Frame), fec);

    private static byte[][] Encode(float[] pcm, bool fec)
    {
        using var encoder = new OpusEncoder(bitrate: 24_000, fec: fec);
        return [.. Enumerable.Range(0, pcm.Length / Frame).Select(i => encoder.Encode(pcm.AsSpan(i * Frame, Frame)))];
    }

    /// <summary>RFC 6716 s3.2.5: code 3, variable bit rate, lengths of all frames but the last.</summary>
    private static byte[] Join(byte[][] frames)
    {
        var joined = new List<byte> { (byte)(frames[0][0] | 3), (byte)(0x80 | frames.Length) };
        foreach (var frame in frames[..^1])
        {
            var length = frame.Length - 1;
            if (length >= 252)
            {
                joined.Add((byte)(252 + (length & 3)));
                joined.Add((byte)((length - (252 + (length & 3))) / 4));
            }
            else
            {
                joined.Add((byte)length);
            }
        }

        foreach (var frame in frames)
        {
            joined.AddRange(frame[1..]);
        }

        return [.. joined];
    }

    private sealed class CountingSink : IAudioSink
    {
        public long Total { get; private set; }

        public void Samples(ReadOnlySpan<float> pcm) => Total += pcm.Length;

        public void Silence(long count) => Total += count;
    }
}
