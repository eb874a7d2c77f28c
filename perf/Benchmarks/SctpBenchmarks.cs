using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.DataChannels;
using AsrHub.Rtc.WebRtc.Sctp;
using BenchmarkDotNet.Attributes;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>
/// A transcript event over a data channel, without DTLS: queued, sent, received, read, acknowledged. The time is that of both sides together;
/// a server bears about half of it.
/// </summary>
[MemoryDiagnoser]
public class SctpBenchmarks
{
    private DataChannelSet _client = null!;
    private DataChannelSet _server = null!;
    private byte[] _message = [];
    private long _now;
    private ushort _channel;

    [Params(100, 400, 65_536)]
    public int MessageLength { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _client = new DataChannelSet(new SctpOptions(), isDtlsClient: true);
        _server = new DataChannelSet(new SctpOptions(), isDtlsClient: false);
        _client.Connect(_now);
        Exchange();
        if (!_client.TryOpen("asrhub", default, _now, out _channel))
        {
            throw new InvalidOperationException("The channel did not open.");
        }

        Exchange();
        _message = new byte[MessageLength];
        new Random(1).NextBytes(_message);
    }

    /// <summary>Server to client and the acknowledgement back.</summary>
    [Benchmark]
    public void MessageAndAcknowledgement()
    {
        if (_server.Send(_channel, _message, isText: true, _now) != SctpSendResult.Queued)
        {
            throw new InvalidOperationException("The message was refused.");
        }

        Exchange();
        _now += 20 * Micros.Millisecond;
        _client.OnTimeout(_now);
        Exchange();
    }

    private void Exchange()
    {
        bool any;
        do
        {
            any = Pass(_client, _server) | Pass(_server, _client);
        }
        while (any);
    }

    private bool Pass(DataChannelSet from, DataChannelSet to)
    {
        var any = false;
        while (from.TryTransmit(out var packet))
        {
            to.Receive(packet.Span, _now);
            any = true;
        }

        while (from.TryEvent(out _))
        {
        }

        return any;
    }
}
