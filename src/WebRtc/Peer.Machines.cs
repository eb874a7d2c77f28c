using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Sctp;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.WebRtc;

// How the machines of a peer move one another.
public sealed partial class Peer
{
    // Several round trips: by then the first packet of the other side's association, or our answer to it, was lost.
    private const long PatienceForSctp = 300 * Micros.Millisecond;

    private int _answerVersion = 1;

    // RFC 7983 s7, with TURN channels (64 to 79) and ZRTP (16 to 19) among the unknown; RTCP by its packet type (RFC 5761 s4).
    private PeerDropReason Dispatch(Span<byte> datagram, TransportPath path, long now)
    {
        if (State == PeerState.Closed)
        {
            return PeerDropReason.Closed;
        }

        if (datagram.Length < 2)
        {
            return PeerDropReason.UnknownProtocol;
        }

        switch (datagram[0])
        {
            case <= 3:
                return ReceiveStun(datagram, path, now);
            case >= 128 and <= 191:
                return _ice.IsValidPath(path) ? ReceiveMedia(datagram, path, now) : PeerDropReason.UnprovenPath;
            case >= 20 and <= 63:
                if (!_ice.IsValidPath(path) || _dtls is null)
                {
                    return PeerDropReason.UnprovenPath;
                }

                _dtls.Receive(datagram, now);
                ReadDtls(path, now);
                return PeerDropReason.None;
            default:
                return PeerDropReason.UnknownProtocol;
        }
    }

    private PeerDropReason ReceiveStun(Span<byte> datagram, TransportPath path, long now)
    {
        var result = _ice.Receive(datagram, path, now);
        FollowIce(now);
        return result == IceCheckResult.Accepted ? PeerDropReason.None : PeerDropReason.Stun;
    }

    private PeerDropReason ReceiveMedia(Span<byte> datagram, TransportPath path, long now)
    {
        var isRtcp = datagram[1] is >= 192 and <= 223;
        var reason = isRtcp ? _audio.ReceiveRtcp(datagram, now, out var authentic) : _audio.ReceiveRtp(datagram, now, out authentic);
        if (authentic)
        {
            _ice.NoteAuthenticated(path, now);
            FollowIce(now);
        }

        return reason;
    }

    private void ReadDtls(TransportPath path, long now)
    {
        FollowDtls(now);
        var heard = false;
        while (_dtls!.TryRead(out var packet))
        {
            heard = true;
            _data?.Receive(packet.Span, now);
        }

        if (heard)
        {
            _ice.NoteAuthenticated(path, now);
            FollowIce(now);
        }

        FollowData();
        FollowDtlsEnd();
    }

    private void FollowIce(long now)
    {
        switch (_ice.State)
        {
            case IceState.Connected when State == PeerState.New:
                // The native session is made only now: an offer alone, or a stranger's datagram, costs nothing like it.
                _dtls = new DtlsEndpoint(DtlsRole.Server, _certificate, _offer.Fingerprint, _options.Dtls);
                _dtls.Start(now);
                _life.MoveTo(PeerState.Connecting);
                break;
            case IceState.Connected when State == PeerState.Disconnected:
                _life.MoveTo(PeerState.Connected);
                break;
            case IceState.Disconnected when State == PeerState.Connected:
                _life.MoveTo(PeerState.Disconnected);
                break;
            case IceState.NeverConnected:
                Finish(PeerCloseReason.IceTimeout, "No valid connectivity check came: UDP is blocked, or none of the advertised addresses can be reached.");
                break;
            case IceState.Expired:
                Finish(PeerCloseReason.ConsentExpired, "Nothing was heard of the other side for too long.");
                break;
        }
    }

    private void FollowDtls(long now)
    {
        if (_dtls!.State == DtlsState.Connected && State == PeerState.Connecting)
        {
            if (!_dtls.TryCreateSrtp(out var receiver, out var sender))
            {
                Finish(PeerCloseReason.DtlsFailed, "The SRTP keys could not be exported.");
                return;
            }

            _audio.Start(receiver, sender);
            _data = _offer.Application is { } application ? new PeerData(_dtls, SctpTerms(application), isEven: false) : null;
            _data?.ConnectAt(now + PatienceForSctp);
            _life.MoveTo(PeerState.Connected);
        }
    }

    private void FollowDtlsEnd()
    {
        if (_dtls!.State != DtlsState.Closed || State == PeerState.Closed)
        {
            return;
        }

        var reason = _dtls.End switch
        {
            DtlsEnd.Remote => PeerCloseReason.Remote,
            DtlsEnd.Timeout => PeerCloseReason.DtlsTimeout,
            DtlsEnd.FingerprintMismatch => PeerCloseReason.FingerprintMismatch,
            _ => PeerCloseReason.DtlsFailed,
        };
        Finish(reason, _dtls.EndDetail);
    }

    private bool TryTakeData(out ReadOnlyMemory<byte> data)
    {
        if (_dtls is null)
        {
            data = default;
            return false;
        }

        return _dtls.TryTransmit(out data)
            || (_data is not null && _data.TryFlushOne() && _dtls.TryTransmit(out data))
            || _audio.TryReport(out data);
    }

    private void FollowData()
    {
        if (_data is null)
        {
            return;
        }

        while (_data.TryEvent(out var happened))
        {
            _life.Tell(happened);
        }

        if (_data.IsOver)
        {
            Finish(PeerCloseReason.Remote, _data.CloseDetail);
        }
    }

    private SctpOptions SctpTerms(OfferedApplication application) => new()
    {
        LocalPort = (ushort)_answer.SctpPort,
        RemotePort = (ushort)application.SctpPort,
        MaxReceiveMessageSize = _options.MaxMessageSize,

        // RFC 8841 s6.1: 0 stands for any size; ours is then what the send buffer holds.
        MaxSendMessageSize = application.MaxMessageSize is 0 ? _options.SendBufferSize : (int)Math.Min(application.MaxMessageSize, _options.SendBufferSize),
        SendBufferSize = _options.SendBufferSize,
    };

    private void Finish(PeerCloseReason reason, string? detail)
    {
        if (_life.TryFinish(reason, detail))
        {
            _data?.Abort();
            _dtls?.Close();
            _audio.Stop();
        }
    }
}
