using AsrHub.Rtc.Crypto.Srtp;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Jitter;
using AsrHub.Rtc.WebRtc.Rtcp;
using AsrHub.Rtc.WebRtc.Rtp;
using BenchmarkDotNet.Attributes;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>
/// One received packet (80 bytes of Opus, a MID extension) from datagram to jitter slot; budget 3 us and 0 B for all of it. A packet opens only once,
/// so each iteration opens a fresh run of packets with a fresh receiver.
/// </summary>
[MemoryDiagnoser]
[MinColumn]
[MedianColumn]
public class ReceivePathBenchmarks
{
    private const int Packets = 60_000;
    private const int Stride = 128;
    private const byte MidId = 4;

    private readonly byte[] _sealed = new byte[Packets * Stride];
    private readonly byte[] _work = new byte[Packets * Stride];
    private readonly byte[] _plain = new byte[Stride];
    private readonly byte[] _payload = new byte[80];
    private byte[] _material = [];
    private int _sealedLength;
    private int _plainLength;
    private SrtpReceiver _receiver = null!;
    private JitterBuffer _jitter = null!;
    private RtcpReporter _reporter = null!;

    [Params(SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1Tag80)]
    public SrtpProfile Profile { get; set; }

    [GlobalSetup]
    public void Seal()
    {
        _material = new byte[SrtpProfileParameters.Of(Profile).ExporterLength];
        var (receiver, sender) = SrtpKeys.FromExporter(Profile, _material, isServer: false);
        receiver.Dispose();
        using (sender)
        {
            for (var i = 0; i < Packets; i++)
            {
                var slot = _sealed.AsSpan(i * Stride, Stride);
                _plainLength = RtpPacketWriter.Write(slot, new RtpHeader(111, (ushort)i, (uint)i * 960, 1), _payload, MidId, "0"u8);
                slot.CopyTo(_plain);
                _ = sender.TryProtectRtp(slot, _plainLength, out _sealedLength);
            }
        }
    }

    [IterationSetup]
    public void Refill()
    {
        _sealed.CopyTo(_work, 0);
        var (receiver, sender) = SrtpKeys.FromExporter(Profile, _material, isServer: true);
        sender.Dispose();
        _receiver = receiver;
        _jitter = new JitterBuffer();
        _reporter = new RtcpReporter(1, "bench"u8);
    }

    [IterationCleanup]
    public void Release() => _receiver.Dispose();

    [Benchmark(OperationsPerInvoke = Packets)]
    public int SrtpOpen()
    {
        var opened = 0;
        for (var i = 0; i < Packets; i++)
        {
            opened += _receiver.TryUnprotectRtp(_work.AsSpan(i * Stride, _sealedLength), out _) == SrtpStatus.Ok ? 1 : 0;
        }

        return Expect(opened);
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int RtpParseAndFindMid()
    {
        var found = 0;
        for (var i = 0; i < Packets; i++)
        {
            found += RtpPacketView.TryParse(_plain.AsSpan(0, _plainLength), out var view) && view.TryGetExtension(MidId, out _) ? 1 : 0;
        }

        return Expect(found);
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int JitterInsertAndRead()
    {
        var read = 0;
        for (var i = 0; i < Packets; i++)
        {
            _ = _jitter.Insert(1, (ushort)i, (uint)i * 960, _payload, i);
            read += _jitter.TryRead(out _) ? 1 : 0;
        }

        return Expect(read);
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int PacketToJitterSlot()
    {
        var read = 0;
        for (var i = 0; i < Packets; i++)
        {
            var datagram = _work.AsSpan(i * Stride, _sealedLength);
            var now = i * 20 * Micros.Millisecond;
            if (_receiver.TryUnprotectRtp(datagram, out var length) != SrtpStatus.Ok || !RtpPacketView.TryParse(datagram[..length], out var view))
            {
                continue;
            }

            _ = view.TryGetExtension(MidId, out _);
            _reporter.OnRtp(view, now);
            _ = _jitter.Insert(view, now);
            read += _jitter.TryRead(out _) ? 1 : 0;
        }

        return Expect(read);
    }

    private static int Expect(int count) =>
        count == Packets ? count : throw new InvalidOperationException($"{count} packets of {Packets} went through.");
}
