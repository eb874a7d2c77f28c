using AsrHub.Rtc.WebRtc.Rtcp;
using AsrHub.Rtc.WebRtc.Rtp;

namespace AsrHub.Rtc.WebRtc.Tests.Rtcp;

/// <summary>A receiver reports about once a second, from its first packet on, on the source it hears (RFC 3550 s6).</summary>
public sealed class RtcpReporterTests
{
    private readonly RtcpReporter _reporter = new(0x77, "cname"u8);
    private readonly byte[] _buffer = new byte[400];

    [Fact]
    public void Nothing_is_reported_before_the_first_packet()
    {
        Assert.Equal(Micros.Never, _reporter.NextTimeout);
        Assert.Equal(0, _reporter.WriteReport(_buffer, 10 * Micros.Second));
    }

    [Fact]
    public void A_report_names_the_source_its_loss_and_its_last_report()
    {
        Receive(5, 10, now: 0);
        Receive(5, 13, now: 0);
        _reporter.OnRtcp(SenderReport(5), now: 500 * Micros.Millisecond);
        _reporter.OnRtcp(SenderReport(6), now: 900 * Micros.Millisecond);
        Assert.Equal(0, _reporter.WriteReport(_buffer, Micros.Second - 1));
        var length = _reporter.WriteReport(_buffer, Micros.Second);
        Assert.Equal(2 * Micros.Second, _reporter.NextTimeout);

        var reader = new RtcpCompoundReader(_buffer.AsSpan(0, length));
        Assert.True(reader.TryRead(out var packet));
        Assert.Equal(RtcpPacketType.ReceiverReport, packet.Type);
        Assert.True(packet.TryReadSender(out var sender));
        Assert.Equal(0x77u, sender);
        Assert.True(packet.TryReadReportBlock(0, out var block));
        Assert.Equal((5u, (byte)128, 2, 13u), (block.Ssrc, block.FractionLost, block.CumulativeLost, block.HighestSequence));
        Assert.Equal((0x2222_3333u, 32_768u), (block.LastSenderReport, block.DelaySinceLastSenderReport));
        Assert.True(reader.TryRead(out packet));
        Assert.True(packet.TryReadCname(out sender, out var name));
        Assert.Equal(0x77u, sender);
        Assert.Equal("cname"u8.ToArray(), name.ToArray());
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.IsMalformed);
    }

    [Fact]
    public void A_source_that_fell_silent_is_not_reported_on()
    {
        Receive(5, 1, now: 0);
        Assert.Equal(1, Blocks(Micros.Second));
        Assert.Equal(0, Blocks(2 * Micros.Second));
        Assert.Equal(Micros.Never, _reporter.NextTimeout);
        Receive(5, 2, now: 2 * Micros.Second);
        Assert.Equal(1, Blocks(3 * Micros.Second));
    }

    [Fact]
    public void Another_source_is_counted_from_its_own_beginning()
    {
        Receive(5, 1, now: 0);
        Receive(5, 100, now: 0);
        Receive(6, 30_000, now: 0);
        Assert.Equal(6u, _reporter.Current?.Ssrc);
        Assert.Equal(0, _reporter.Current?.CumulativeLost);
    }

    [Fact]
    public void Goodbyes_and_broken_compounds_are_counted()
    {
        _reporter.OnRtcp(Convert.FromHexString("81CB000100000005"), 0);
        _reporter.OnRtcp(Convert.FromHexString("81CB000200000005"), 0);
        Assert.Equal(1, _reporter.ByeCount);
        Assert.Equal(1, _reporter.MalformedCount);
    }

    [Fact]
    public void Names_of_every_length_end_with_a_zero_at_a_word()
    {
        for (var length = 1; length <= 255; length++)
        {
            var name = new byte[length];
            name.AsSpan().Fill(0x61);
            Array.Fill(_buffer, (byte)0xFF);
            var written = RtcpReceiverReport.Write(_buffer, 1, default(RtcpReportBlock), name);
            Assert.InRange(written, 1, RtcpReceiverReport.MaxLength);
            Assert.Equal(0, written % 4);
            Assert.Equal(0, _buffer[written - 1]);
            var reader = new RtcpCompoundReader(_buffer.AsSpan(0, written));
            Assert.True(reader.TryRead(out _));
            Assert.True(reader.TryRead(out var packet));
            Assert.True(packet.TryReadCname(out _, out var read));
            Assert.Equal(length, read.Length);
            Assert.False(reader.TryRead(out _));
            Assert.Equal(0, RtcpReceiverReport.Write(_buffer.AsSpan(0, written - 1), 1, default(RtcpReportBlock), name));
        }
    }

    private static byte[] SenderReport(byte ssrc) =>
        [0x80, 200, 0, 6, 0, 0, 0, ssrc, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44, .. new byte[12]];

    private void Receive(uint ssrc, ushort sequence, long now)
    {
        var packet = new byte[50];
        var length = RtpPacketWriter.Write(packet, new RtpHeader(111, sequence, sequence * 960u, ssrc), [1]);
        Assert.True(RtpPacketView.TryParse(packet.AsSpan(0, length), out var view));
        _reporter.OnRtp(view, now);
    }

    private int Blocks(long now)
    {
        var length = _reporter.WriteReport(_buffer, now);
        var reader = new RtcpCompoundReader(_buffer.AsSpan(0, length));
        Assert.Equal(length > 0, reader.TryRead(out var packet));
        return length > 0 ? packet.Count : 0;
    }
}
