using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AsrHub.Rtc.Crypto.Srtp;
using AsrHub.Rtc.WebRtc.Jitter;
using AsrHub.Rtc.WebRtc.Rtcp;
using AsrHub.Rtc.WebRtc.Rtp;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.WebRtc;

/// <summary>The audio of a peer: SRTP opened in place, packets told apart, put in order, and reported on.</summary>
internal sealed class PeerAudio : IDisposable
{
    private const int MaxSources = 8;
    private const double TicksPerMillisecond = 48;

    private readonly JitterBuffer _jitter = new();
    private readonly RtcpReporter _reporter;
    private readonly byte[] _report = new byte[RtcpReceiverReport.MaxLength + SrtpSender.MaxOverhead];
    private readonly byte[] _mid;
    private readonly int _midExtension;
    private readonly int _payloadType;
    private readonly uint[] _sources = new uint[MaxSources];
    private int _sourceCount;
    private SrtpReceiver? _receiver;
    private SrtpSender? _sender;
    private int _reportLength;

    public PeerAudio(OfferedAudio offered)
    {
        _mid = Encoding.UTF8.GetBytes(offered.Media.Mid ?? string.Empty);
        _midExtension = offered.MidExtensionId;
        _payloadType = offered.OpusPayloadType;

        // RFC 7022 s4.2: the name tells nothing of who we are.
        Span<byte> random = stackalloc byte[12];
        RandomNumberGenerator.Fill(random);
        _reporter = new RtcpReporter(BinaryPrimitives.ReadUInt32BigEndian(random), Encoding.ASCII.GetBytes(Convert.ToHexString(random[4..])));
        foreach (var ssrc in offered.Ssrcs)
        {
            Learn(ssrc);
        }
    }

    public long NextTimeout => Math.Min(_jitter.NextTimeout, _reporter.NextTimeout);

    public JitterStatistics Statistics => _jitter.Statistics;

    public double JitterMilliseconds => (_reporter.Current?.Jitter ?? 0) / TicksPerMillisecond;

    public void Start(SrtpReceiver receiver, SrtpSender sender)
    {
        _receiver = receiver;
        _sender = sender;
    }

    /// <summary>Takes an SRTP packet.</summary>
    public PeerDropReason ReceiveRtp(Span<byte> datagram, long now, out bool authentic)
    {
        authentic = false;
        if (_receiver is null)
        {
            return PeerDropReason.NoKeys;
        }

        var status = _receiver.TryUnprotectRtp(datagram, out var length);
        if (status != SrtpStatus.Ok)
        {
            return ReasonOf(status);
        }

        authentic = true;
        if (!RtpPacketView.TryParse(datagram[..length], out var packet))
        {
            return PeerDropReason.Malformed;
        }

        if (!Belongs(packet))
        {
            return PeerDropReason.UnknownStream;
        }

        _reporter.OnRtp(packet, now);

        // Comfort noise and telephone events keep the sequence whole but are not for the decoder (RFC 3389, RFC 4733).
        var payload = packet.PayloadType == _payloadType ? packet.Payload : default;
        return _jitter.Insert(packet.Ssrc, packet.SequenceNumber, packet.Timestamp, payload, now) switch
        {
            JitterInsertResult.Accepted or JitterInsertResult.Empty => PeerDropReason.None,
            JitterInsertResult.TooLarge => PeerDropReason.TooLarge,
            JitterInsertResult.Full => PeerDropReason.Full,
            _ => PeerDropReason.NotInSequence,
        };
    }

    /// <summary>Takes an SRTCP packet.</summary>
    public PeerDropReason ReceiveRtcp(Span<byte> datagram, long now, out bool authentic)
    {
        authentic = false;
        if (_receiver is null)
        {
            return PeerDropReason.NoKeys;
        }

        var status = _receiver.TryUnprotectRtcp(datagram, out var length);
        if (status != SrtpStatus.Ok)
        {
            return ReasonOf(status);
        }

        authentic = true;
        _reporter.OnRtcp(datagram[..length], now);
        return PeerDropReason.None;
    }

    public void OnTimeout(long now)
    {
        _jitter.OnTimeout(now);
        if (_sender is not null && _reporter.NextTimeout <= now
            && _reporter.WriteReport(_report, now) is > 0 and var length
            && _sender.TryProtectRtcp(_report, length, out var protectedLength) == SrtpStatus.Ok)
        {
            _reportLength = protectedLength;
        }
    }

    public bool TryReadFrame(out ReceivedFrame frame) => _jitter.TryRead(out frame);

    /// <summary>Takes the receiver report that is due, protected.</summary>
    public bool TryReport(out ReadOnlyMemory<byte> report)
    {
        report = _report.AsMemory(0, _reportLength);
        _reportLength = 0;
        return report.Length > 0;
    }

    /// <summary>No more packets come: what waits behind a gap may go.</summary>
    public void Stop()
    {
        if (_jitter.NextTimeout != Micros.Never)
        {
            _jitter.OnTimeout(Micros.Never - 1);
        }
    }

    public void Dispose()
    {
        _receiver?.Dispose();
        _sender?.Dispose();
    }

    private static PeerDropReason ReasonOf(SrtpStatus status) => status switch
    {
        SrtpStatus.Replayed or SrtpStatus.TooOld => PeerDropReason.Replayed,
        SrtpStatus.AuthenticationFailed => PeerDropReason.NotAuthentic,
        _ => PeerDropReason.Malformed,
    };

    // By MID, then by a source that was learned, then by payload type (RFC 9143 s9.2). MID comes with the first packets of a source only.
    private bool Belongs(in RtpPacketView packet)
    {
        if (_midExtension > 0 && packet.TryGetExtension(_midExtension, out var mid))
        {
            if (!mid.SequenceEqual(_mid))
            {
                return false;
            }

            Learn(packet.Ssrc);
            return true;
        }

        if (_sources.AsSpan(0, _sourceCount).Contains(packet.Ssrc))
        {
            return true;
        }

        if (packet.PayloadType != _payloadType)
        {
            return false;
        }

        Learn(packet.Ssrc);
        return true;
    }

    private void Learn(uint ssrc)
    {
        if (_sources.AsSpan(0, _sourceCount).Contains(ssrc))
        {
            return;
        }

        if (_sourceCount == MaxSources)
        {
            _sources.AsSpan(1).CopyTo(_sources);
            _sourceCount--;
        }

        _sources[_sourceCount++] = ssrc;
    }
}
