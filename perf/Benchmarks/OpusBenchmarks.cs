using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Audio;
using BenchmarkDotNet.Attributes;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>Opus packets to 16 kHz samples; budget 30 us and 0 B a 20 ms frame.</summary>
[MemoryDiagnoser]
public class OpusBenchmarks : IAudioSink, IDisposable
{
    private const int Packets = 500;
    private readonly OpusTrack _track = new();
    private readonly byte[][] _packets = new byte[Packets][];
    private uint _at;
    private int _next;

    [GlobalSetup]
    public void Encode()
    {
        using var encoder = new OpusEncoder(48_000, bitrate: 32_000, fec: true);
        var pcm = Tone.Voice(Packets * 960, 48_000);
        for (var i = 0; i < Packets; i++)
        {
            _packets[i] = encoder.Encode(pcm.AsSpan(i * 960, 960));
        }
    }

    [Benchmark]
    public void Frame_of_20_ms() => Receive(0);

    [Benchmark]
    public void Frame_of_20_ms_after_a_lost_one()
    {
        _at += 960;
        _next++;
        Receive(1);
    }

    void IAudioSink.Samples(ReadOnlySpan<float> pcm)
    {
    }

    void IAudioSink.Silence(long count)
    {
    }

    public void Dispose()
    {
        _track.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Receive(int lost)
    {
        _track.Receive(new EncodedAudio(_packets[_next++ % Packets], _at, lost, false, 0), this);
        _at += 960;
    }
}
