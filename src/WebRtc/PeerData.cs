using System.Diagnostics.CodeAnalysis;
using AsrHub.Rtc.WebRtc.DataChannels;
using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc;

/// <summary>The data channels of a peer, carried by its DTLS session: one SCTP packet is one DTLS record is one datagram (RFC 8261 s3).</summary>
internal sealed class PeerData
{
    // A channel is asked for more when this little is left, which is a few round trips' worth of captions.
    private const int LowMark = 16 * 1_024;

    // Must hold a message while its last fragments are under way, and the ones that other channels send meanwhile.
    private const int ReceiveWindowMessages = 2;

    private readonly DtlsEndpoint _dtls;
    private readonly DataChannelSet _channels;
    private long _connectAt = Micros.Never;

    /// <param name="dtls">Carries the packets.</param>
    /// <param name="options">Terms of the association.</param>
    /// <param name="isEven">True to open channels with even ids, the DTLS client's half (RFC 8832 s6).</param>
    public PeerData(DtlsEndpoint dtls, SctpOptions options, bool isEven)
    {
        _dtls = dtls;
        _channels = new DataChannelSet(
            options with
            {
                MaxPacketSize = Math.Min(options.MaxPacketSize, dtls.MaxPayload),
                ReceiveWindow = Math.Max(options.ReceiveWindow, ReceiveWindowMessages * options.MaxReceiveMessageSize),
            },
            isEven);
    }

    public long NextTimeout => Math.Min(_channels.NextTimeout, _connectAt);

    /// <summary>True once the association is over: the other side aborted or shut down, or broke the protocol.</summary>
    public bool IsOver => _channels.CloseReason != SctpCloseReason.None;

    public string? CloseDetail => _channels.CloseDetail;

    public long? RoundTrip => _channels.RoundTrip;

    public SctpCounters Counters => _channels.Counters;

    /// <summary>
    /// Starts the association at this moment, unless the other side has by then. Either side may (RFC 8831 s6.1); browsers do at once but wait seconds
    /// to repeat what was lost.
    /// </summary>
    public void ConnectAt(long moment) => _connectAt = moment;

    public void OnTimeout(long now)
    {
        if (_connectAt <= now)
        {
            _connectAt = Micros.Never;
            if (_channels is { State: SctpState.Closed, CloseReason: SctpCloseReason.None })
            {
                _channels.Connect(now);
            }
        }

        _channels.OnTimeout(now);
    }

    public void Receive(ReadOnlySpan<byte> packet, long now) => _channels.Receive(packet, now);

    /// <summary>Hands the next packet to DTLS, whose datagram it then is.</summary>
    public bool TryFlushOne() => _channels.TryTransmit(out var packet) && _dtls.Send(packet.Span);

    public bool TryEvent([NotNullWhen(true)] out PeerEvent? happened)
    {
        if (!_channels.TryEvent(out happened))
        {
            return false;
        }

        if (happened is PeerEvent.ChannelOpened opened)
        {
            _channels.SetLowMark(opened.ChannelId, LowMark);
        }

        return true;
    }

    public ushort? Open(string label, string protocol, long now) =>
        _channels.TryOpen(label, new DataChannelOptions(Protocol: protocol), now, out var channel) ? channel : null;

    public void CloseChannel(ushort channel, long now) => _channels.Close(channel, now);

    public PeerSendResult Send(ushort channel, ReadOnlySpan<byte> data, bool isText, long now) => _channels.Send(channel, data, isText, now) switch
    {
        SctpSendResult.Queued => PeerSendResult.Ok,
        SctpSendResult.BufferFull => PeerSendResult.QueueFull,
        SctpSendResult.MessageTooLarge => PeerSendResult.TooLarge,
        _ => PeerSendResult.NotOpen,
    };

    public long BufferedAmount(ushort channel) => _channels.BufferedAmount(channel);

    /// <summary>Ends the association and hands the last words to DTLS.</summary>
    public void Abort()
    {
        _channels.Abort("closed");
        while (TryFlushOne())
        {
        }
    }
}
