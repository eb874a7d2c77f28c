using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Dtls;
using BenchmarkDotNet.Attributes;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>
/// One audio datagram through a whole connected peer as its owner's loop runs it: receive, drain, look for timers. Budget 3 us and 0 B. A packet opens only
/// once, so each iteration connects a fresh call and protects a fresh run of packets.
/// </summary>
[MemoryDiagnoser]
[MinColumn]
[MedianColumn]
public class PeerBenchmarks
{
    private const int Packets = 50_000;
    private const int Stride = 128;

    private readonly byte[] _datagrams = new byte[Packets * Stride];
    private readonly byte[] _payload = new byte[80];
    private readonly DtlsCertificate _certificate = DtlsCertificate.Create();
    private readonly TransportPath _path = new(0, new TransportAddress([127, 0, 0, 1], 40_000));
    private int _length;
    private long _start;
    private Peer _peer = null!;

    [Params("SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80")]
    public string Profile { get; set; } = string.Empty;

    [IterationSetup]
    public void Connect()
    {
        using var client = new OfferingPeer(new ClientPeerOptions { SrtpProfiles = Profile, PacketsWithMid = int.MaxValue });
        _peer = DirectCall.Connect(client, _certificate, _path, out _start);
        for (var i = 0; i < Packets; i++)
        {
            _ = client.SendAudio(_payload);
            _ = client.TryTransmit(out var datagram);
            _length = datagram.Data.Length;
            datagram.Data.Span.CopyTo(_datagrams.AsSpan(i * Stride));
        }
    }

    [IterationCleanup]
    public void Release() => _peer.Dispose();

    [Benchmark(OperationsPerInvoke = Packets)]
    public int PacketThroughPeer()
    {
        var frames = 0;
        for (var i = 0; i < Packets; i++)
        {
            var now = _start + (i * 20 * Micros.Millisecond);
            if (_peer.NextTimeout <= now)
            {
                _peer.OnTimeout(now);
            }

            _peer.Receive(_datagrams.AsSpan(i * Stride, _length), _path, now);
            while (_peer.TryReadFrame(out _))
            {
                frames++;
            }

            while (_peer.TryTransmit(out _))
            {
            }

            while (_peer.TryEvent(out _))
            {
            }
        }

        return frames == Packets ? frames : throw new InvalidOperationException($"{frames} of {Packets} frames came out.");
    }
}
