using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

public sealed partial class SctpAssociation
{
    private const int MaxControlBackoff = 6;

    /// <summary>Room for parameters that are reported back in INIT ACK or after it.</summary>
    private const int MaxReported = 128;

    private byte[]? _cookieKey;
    private byte[]? _peerCookie;
    private bool _sendInit;
    private bool _sendCookieEcho;
    private long _controlDeadline = Micros.Never;
    private int _controlExpiries;

    /// <summary>Starts the handshake. Both sides may do so at once.</summary>
    public void Connect(long now)
    {
        _now = now;
        if (State != SctpState.Closed || IsOver)
        {
            return;
        }

        _localTag = _random.NextTag();
        _localInitialTsn = _random.Next();
        State = SctpState.CookieWait;
        _sendInit = true;
        StartControlTimer(now);
    }

    private ReadOnlyMemory<byte> BuildInit()
    {
        _sendInit = false;
        _packet.Begin(0);
        _ = OwnInit(_localTag, _localInitialTsn).Write(_packet.Add(ChunkType.Init, 0, InitChunk.BareLength));
        return _packet.Finish();
    }

    private InitChunk OwnInit(uint tag, uint initialTsn) => new()
    {
        InitiateTag = tag,
        Window = (uint)_options.ReceiveWindow,
        OutgoingStreams = _options.MaxStreams,
        IncomingStreams = _options.MaxStreams,
        InitialTsn = initialTsn,
    };

    /// <summary>
    /// Answers INIT with a signed cookie and keeps nothing (RFC 9260 s5.1.3). While a handshake of our own runs, the answer carries the same tag
    /// and TSN as our INIT (s5.2.1); over a live association it carries new ones, and the old tags tie it to the present (s5.2.2).
    /// </summary>
    private void OnInit(ReadOnlySpan<byte> value, long now)
    {
        if (IsOver)
        {
            Counters.Drop(SctpDropReason.OutOfTheBlue);
            return;
        }

        if (State == SctpState.ShutdownAckSent)
        {
            // RFC 9260 s9.2: the other side lost our SHUTDOWN ACK.
            _sendShutdownAck = true;
            return;
        }

        Span<byte> reported = stackalloc byte[MaxReported];
        if (!InitChunk.TryParse(value, out var init, out _, reported, out var reportedLength) || !init.IsValid)
        {
            Counters.Drop(SctpDropReason.Malformed);
            return;
        }

        var isHandshaking = State is SctpState.CookieWait or SctpState.CookieEchoed;
        var cookie = new StateCookie
        {
            CreatedAt = now,
            LocalTag = isHandshaking ? _localTag : _random.NextTag(),
            PeerTag = init.InitiateTag,
            LocalTieTag = State == SctpState.Closed ? 0 : _localTag,
            PeerTieTag = State == SctpState.Closed ? 0 : _peerTag,
            LocalInitialTsn = isHandshaking ? _localInitialTsn : _random.Next(),
            PeerInitialTsn = init.InitialTsn,
            PeerWindow = init.Window,
            OutgoingStreams = Math.Min(_options.MaxStreams, init.IncomingStreams),
            IncomingStreams = Math.Min(_options.MaxStreams, init.OutgoingStreams),
            SupportsForwardTsn = init.SupportsForwardTsn,
            SupportsReset = init.SupportsReset,
        };

        var reply = NewPacket();
        reply.Begin(init.InitiateTag);
        var reportLength = reportedLength == 0 ? 0 : WireSize.TlvHeader + reportedLength;
        var answer = reply.Add(ChunkType.InitAck, 0, InitChunk.BareLength + CookieParameterLength + reportLength);
        var offset = OwnInit(cookie.LocalTag, cookie.LocalInitialTsn).Write(answer);
        BinaryPrimitives.WriteUInt16BigEndian(answer[offset..], ParameterType.StateCookie);
        BinaryPrimitives.WriteUInt16BigEndian(answer[(offset + 2)..], WireSize.TlvHeader + StateCookie.Length);
        cookie.Write(answer.Slice(offset + WireSize.TlvHeader, StateCookie.Length), CookieKey());
        answer.Slice(offset + WireSize.TlvHeader + StateCookie.Length, CookieParameterLength - WireSize.TlvHeader - StateCookie.Length).Clear();
        if (reportLength > 0)
        {
            var report = answer[(offset + CookieParameterLength)..];
            BinaryPrimitives.WriteUInt16BigEndian(report, ParameterType.UnrecognizedParameter);
            BinaryPrimitives.WriteUInt16BigEndian(report[2..], (ushort)reportLength);
            reported[..reportedLength].CopyTo(report[WireSize.TlvHeader..]);
        }

        _replies.Add(reply.Finish().ToArray());
    }

    private static int CookieParameterLength => WireSize.Pad(WireSize.TlvHeader + StateCookie.Length);

    private byte[] CookieKey()
    {
        if (_cookieKey is null)
        {
            _cookieKey = new byte[StateCookie.KeyLength];
            _random.Fill(_cookieKey);
        }

        return _cookieKey;
    }

    private void OnInitAck(ReadOnlySpan<byte> value, long now)
    {
        if (State != SctpState.CookieWait)
        {
            // RFC 9260 s5.2.3: late or repeated.
            Counters.Drop(SctpDropReason.UnexpectedChunk);
            return;
        }

        Span<byte> reported = stackalloc byte[MaxReported];
        if (!InitChunk.TryParse(value, out var init, out var cookie, reported, out var reportedLength) || !init.IsValid)
        {
            Counters.Drop(SctpDropReason.Malformed);
            return;
        }

        if (cookie.IsEmpty || cookie.Length > _options.MaxPacketSize - WireSize.CommonHeader - WireSize.TlvHeader)
        {
            _peerTag = init.InitiateTag;
            AbortWith(SctpCloseReason.ProtocolViolation, ErrorCause.MissingParameter, "INIT ACK without a usable state cookie");
            return;
        }

        _peerTag = init.InitiateTag;
        _peerCookie = cookie.ToArray();
        if (reportedLength > 0)
        {
            _controls.AddError(ErrorCause.UnrecognizedParameters, reported[..reportedLength]);
        }

        Begin(
            init.InitialTsn,
            init.Window,
            Math.Min(_options.MaxStreams, init.IncomingStreams),
            Math.Min(_options.MaxStreams, init.OutgoingStreams),
            init.SupportsForwardTsn,
            init.SupportsReset);
        State = SctpState.CookieEchoed;
        _sendCookieEcho = true;
        _controlExpiries = 0;
        StartControlTimer(now);
    }

    /// <summary>Makes the parts that carry data. A sender that is there already keeps its TSNs, which do not change while a handshake is repeated.</summary>
    private void Begin(uint peerInitialTsn, uint peerWindow, ushort outgoing, ushort incoming, bool supportsForwardTsn, bool supportsReset)
    {
        _outgoingStreams = outgoing;
        _sender ??= new DataSender(
            _options,
            _queue,
            Counters,
            new SenderStart(_localInitialTsn, peerWindow, supportsForwardTsn),
            new RetransmissionTimeout(_options.InitialRto, _options.MinRto, _options.MaxRto));
        _receiver = new DataReceiver(_options, _events, Counters, peerInitialTsn, incoming);
        _reset.Begin(_localInitialTsn, peerInitialTsn, supportsReset);
    }

    /// <summary>Checks the cookie and acts by the table of RFC 9260 s5.2.4.</summary>
    /// <returns>True when the rest of the packet belongs to the association.</returns>
    private bool OnCookieEcho(uint tag, ReadOnlySpan<byte> value, long now)
    {
        if (!StateCookie.TryParse(value, CookieKey(), out var cookie) || tag != cookie.LocalTag)
        {
            return Refuse(SctpDropReason.BadCookie);
        }

        var localMatches = State != SctpState.Closed && cookie.LocalTag == _localTag;
        var peerMatches = State != SctpState.Closed && cookie.PeerTag == _peerTag;
        if (now - cookie.CreatedAt > _options.CookieLifetime && !(localMatches && peerMatches))
        {
            ReplyStaleCookie(cookie, now);
            return Refuse(SctpDropReason.StaleCookie);
        }

        if (State == SctpState.Closed)
        {
            Establish(cookie);
        }
        else if (localMatches && peerMatches)
        {
            // Case D: our COOKIE ACK was lost, or both sides began and this is the other one's half.
            if (State == SctpState.CookieEchoed)
            {
                EnterEstablished();
            }
        }
        else if (localMatches)
        {
            // Case B: both sides began. Over a live association it can only be an old packet.
            if (State is not (SctpState.CookieWait or SctpState.CookieEchoed))
            {
                return Refuse(SctpDropReason.BadCookie);
            }

            Establish(cookie);
        }
        else if (!peerMatches && cookie.LocalTieTag == _localTag && cookie.PeerTieTag == _peerTag && _peerTag != 0)
        {
            // Case A: the other side lost its association and begins anew (s5.2.4.1).
            if (State == SctpState.ShutdownAckSent)
            {
                _sendShutdownAck = true;
                return false;
            }

            Restart(cookie);
        }
        else
        {
            // Case C and everything else: an old packet.
            return Refuse(SctpDropReason.BadCookie);
        }

        _controls.AddChunk(ChunkType.CookieAck, 0, default);
        return true;
    }

    private void Establish(in StateCookie cookie)
    {
        _localTag = cookie.LocalTag;
        _peerTag = cookie.PeerTag;
        _localInitialTsn = cookie.LocalInitialTsn;
        Begin(
            cookie.PeerInitialTsn, cookie.PeerWindow, cookie.OutgoingStreams, cookie.IncomingStreams, cookie.SupportsForwardTsn, cookie.SupportsReset);
        EnterEstablished();
    }

    private void Restart(in StateCookie cookie)
    {
        _controls.Clear();
        _queue = new SendQueue(_events, Counters);
        _reset = new StreamReset(_options, _queue, _events);
        _sender = null;
        _events.Add(SctpEventKind.Restarted);
        State = SctpState.CookieEchoed;
        Establish(cookie);
    }

    private void OnCookieAck()
    {
        if (State == SctpState.CookieEchoed)
        {
            EnterEstablished();
        }
        else
        {
            Counters.Drop(SctpDropReason.UnexpectedChunk);
        }
    }

    private void EnterEstablished()
    {
        State = SctpState.Established;
        StopControls();
        _peerCookie = null;
        _events.Add(SctpEventKind.Established);
    }

    private void OnControlTimeout(long now)
    {
        _controlDeadline = Micros.Never;
        _controlExpiries++;
        if (_controlExpiries > _options.MaxRetransmissions)
        {
            AbortWith(SctpCloseReason.GaveUp, ErrorCause.ProtocolViolation, "too many retransmissions");
            return;
        }

        switch (State)
        {
            case SctpState.CookieWait:
                _sendInit = true;
                break;
            case SctpState.CookieEchoed:
                _sendCookieEcho = true;
                break;
            case SctpState.ShutdownSent:
                _sendShutdown = true;
                break;
            case SctpState.ShutdownAckSent:
                _sendShutdownAck = true;
                break;
            default:
                return;
        }

        StartControlTimer(now);
    }

    private void StartControlTimer(long now) =>
        _controlDeadline = now + Math.Min(_options.MaxRto, _options.InitialRto << Math.Min(_controlExpiries, MaxControlBackoff));

    private void StopControls()
    {
        _controlDeadline = Micros.Never;
        _controlExpiries = 0;
        _sendInit = false;
        _sendCookieEcho = false;
        _sendShutdown = false;
        _sendShutdownAck = false;
    }

    private void ReplyStaleCookie(in StateCookie cookie, long now)
    {
        var reply = NewPacket();
        reply.Begin(cookie.PeerTag);
        var value = reply.Add(ChunkType.Error, 0, 8);
        BinaryPrimitives.WriteUInt16BigEndian(value, ErrorCause.StaleCookie);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], 8);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], (uint)Math.Min(uint.MaxValue, now - cookie.CreatedAt - _options.CookieLifetime));
        _replies.Add(reply.Finish().ToArray());
    }
}
