using AsrHub.Rtc.Crypto.Srtp;
using AsrHub.Rtc.WebRtc.Jitter;
using AsrHub.Rtc.WebRtc.Rtcp;
using AsrHub.Rtc.WebRtc.Rtp;

namespace AsrHub.Rtc.WebRtc.Tests.Rtp;

/// <summary>
/// A day of audio in virtual time through everything a packet passes (SRTP, RTP, statistics, jitter buffer), with loss, swaps and repeats. The sequence
/// wraps ten times, the timestamp once; nothing drifts, and nothing is allocated.
/// </summary>
public sealed class ReceivePathSoakTests : IDisposable
{
    private const long Day = 24 * 3_600 * Micros.Second;
    private const long PacketTime = 120 * Micros.Millisecond;
    private const int PacketTicks = 5_760;
    private const int WarmUp = 2_000;
    private const int LossEvery = 97;
    private const int SwapEvery = 53;
    private const int RepeatEvery = 101;
    private const ushort FirstSequence = 65_000;
    private const uint FirstTimestamp = uint.MaxValue - 1_000_000;
    private const uint Ssrc = 0x1234_5678;

    private readonly SrtpReceiver _receiver;
    private readonly SrtpSender _client;
    private readonly SrtpSender _server;
    private readonly SrtpReceiver _clientReceiver;
    private readonly RtcpReporter _reporter = new(1, "soak"u8);
    private readonly JitterBuffer _jitter = new();
    private readonly byte[] _payload = new byte[60];
    private readonly byte[] _packet = new byte[128];
    private readonly byte[] _copy = new byte[128];
    private readonly byte[] _held = new byte[128];
    private readonly byte[] _report = new byte[RtcpReceiverReport.MaxLength + SrtpSender.MaxOverhead];
    private int _heldLength;

    private long _nextIndex;
    private long _frames;
    private long _lostTold;
    private long _reports;
    private long _faults;

    public ReceivePathSoakTests()
    {
        var material = new byte[SrtpProfileParameters.Of(SrtpProfile.AeadAes128Gcm).ExporterLength];
        (_receiver, _server) = SrtpKeys.FromExporter(SrtpProfile.AeadAes128Gcm, material, isServer: true);
        (_clientReceiver, _client) = SrtpKeys.FromExporter(SrtpProfile.AeadAes128Gcm, material, isServer: false);
    }

    public void Dispose()
    {
        _receiver.Dispose();
        _server.Dispose();
        _client.Dispose();
        _clientReceiver.Dispose();
    }

    [Fact]
    public void A_day_of_audio_is_counted_to_the_packet_and_allocates_nothing()
    {
        const long Packets = Day / PacketTime;
        for (long i = 0; i < WarmUp; i++)
        {
            Step(i);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (long i = WarmUp; i < Packets; i++)
        {
            Step(i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        Assert.Equal(0, _faults);
        Assert.Equal(Packets, _frames + _lostTold);
        Assert.Equal(_lostTold, _jitter.Statistics.Lost);
        Assert.Equal(Packets / LossEvery, _lostTold, 1.0);
        Assert.Equal(_lostTold, _reporter.Current!.CumulativeLost);
        Assert.Equal(FirstSequence + Packets - 1, _reporter.Current.HighestSequence);
        Assert.InRange(_reports, Day / Micros.Second * 9 / 10, Day / Micros.Second);
        Assert.Equal(1, _jitter.Statistics.Streams);
    }

    private void Step(long index)
    {
        var now = index * PacketTime;
        if (_jitter.NextTimeout <= now)
        {
            _jitter.OnTimeout(_jitter.NextTimeout);
            Drain();
        }

        _payload[0] = (byte)index;
        var header = new RtpHeader(111, (ushort)(FirstSequence + index), (uint)(FirstTimestamp + index * PacketTicks), Ssrc);
        var length = RtpPacketWriter.Write(_packet, header, _payload, extensionId: 4, extension: "0"u8);
        Check(_client.TryProtectRtp(_packet, length, out length) == SrtpStatus.Ok);
        if (index % LossEvery == LossEvery - 1)
        {
            return;
        }

        if (index > 0 && index % SwapEvery == 0 && index % LossEvery != LossEvery - 2)
        {
            // It is overtaken by the next packet, unless that one is lost.
            _packet.AsSpan(0, length).CopyTo(_held);
            _heldLength = length;
            return;
        }

        if (index % RepeatEvery == 0)
        {
            _packet.AsSpan(0, length).CopyTo(_copy);
            Arrive(_packet.AsSpan(0, length), now, SrtpStatus.Ok);
            Arrive(_copy.AsSpan(0, length), now, SrtpStatus.Replayed);
        }
        else
        {
            Arrive(_packet.AsSpan(0, length), now, SrtpStatus.Ok);
        }

        if (_heldLength > 0)
        {
            Arrive(_held.AsSpan(0, _heldLength), now, SrtpStatus.Ok);
            _heldLength = 0;
        }

        if (_reporter.NextTimeout <= now)
        {
            length = _reporter.WriteReport(_report, now);
            Check(_server.TryProtectRtcp(_report, length, out length) == SrtpStatus.Ok);
            Check(_clientReceiver.TryUnprotectRtcp(_report.AsSpan(0, length), out _) == SrtpStatus.Ok);
            _reports++;
        }
    }

    private void Arrive(Span<byte> datagram, long now, SrtpStatus expected)
    {
        var status = _receiver.TryUnprotectRtp(datagram, out var length);
        Check(status == expected);
        if (status != SrtpStatus.Ok)
        {
            return;
        }

        Check(RtpPacketView.TryParse(datagram[..length], out var view) && view.TryGetExtension(4, out _));
        _reporter.OnRtp(view, now);
        Check(_jitter.Insert(view, now) == JitterInsertResult.Accepted);
        Drain();
    }

    private void Drain()
    {
        while (_jitter.TryRead(out var frame))
        {
            _nextIndex += frame.LostBefore;
            Check(frame.Payload.Span[0] == (byte)_nextIndex);
            Check(frame.RtpTimestamp == (uint)(FirstTimestamp + _nextIndex * PacketTicks));
            _nextIndex++;
            _frames++;
            _lostTold += frame.LostBefore;
        }
    }

    private void Check(bool holds)
    {
        if (!holds)
        {
            _faults++;
        }
    }
}
