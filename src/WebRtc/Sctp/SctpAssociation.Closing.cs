using System.Buffers.Binary;
using System.Text;

namespace AsrHub.Rtc.WebRtc.Sctp;

public sealed partial class SctpAssociation
{
    private const int MaxDetail = 128;

    private bool _sendShutdown;
    private bool _sendShutdownAck;

    /// <summary>Closes at once; what is queued is lost. The other side is told.</summary>
    /// <param name="detail">For people: why.</param>
    public void Abort(string detail)
    {
        ArgumentNullException.ThrowIfNull(detail);
        if (!IsOver)
        {
            AbortWith(SctpCloseReason.Local, ErrorCause.UserInitiatedAbort, detail);
        }
    }

    /// <summary>Closes after everything queued has arrived (RFC 9260 s9.2).</summary>
    public void Shutdown(long now)
    {
        _now = now;
        if (State == SctpState.Established)
        {
            State = SctpState.ShutdownPending;
            AdvanceShutdown(now);
        }
        else if (State is SctpState.CookieWait or SctpState.CookieEchoed)
        {
            AbortWith(SctpCloseReason.Local, ErrorCause.UserInitiatedAbort, "closed before it was open");
        }
        else if (State == SctpState.Closed && !IsOver)
        {
            Close(SctpCloseReason.Local, null);
        }
    }

    private void AdvanceShutdown(long now)
    {
        if (_sender is null || !_sender.IsDrained)
        {
            return;
        }

        if (State == SctpState.ShutdownPending)
        {
            State = SctpState.ShutdownSent;
            _sendShutdown = true;
            StartControlTimer(now);
        }
        else if (State == SctpState.ShutdownReceived)
        {
            State = SctpState.ShutdownAckSent;
            _sendShutdownAck = true;
            StartControlTimer(now);
        }
    }

    private void WriteShutdownChunks()
    {
        if (_sendShutdown && _packet.Fits(sizeof(uint)))
        {
            _sendShutdown = false;
            BinaryPrimitives.WriteUInt32BigEndian(_packet.Add(ChunkType.Shutdown, 0, sizeof(uint)), _receiver!.CumulativeTsn);
        }

        if (_sendShutdownAck && _packet.Fits(0))
        {
            _sendShutdownAck = false;
            _ = _packet.Add(ChunkType.ShutdownAck, 0, 0);
        }
    }

    private void OnShutdown(ReadOnlySpan<byte> value, long now)
    {
        if (value.Length < sizeof(uint))
        {
            Counters.Drop(SctpDropReason.Malformed);
            return;
        }

        switch (State)
        {
            case SctpState.Established or SctpState.ShutdownPending:
                State = SctpState.ShutdownReceived;
                _sender!.OnCumulativeAck(BinaryPrimitives.ReadUInt32BigEndian(value), now);
                break;
            case SctpState.ShutdownReceived:
                _sender!.OnCumulativeAck(BinaryPrimitives.ReadUInt32BigEndian(value), now);
                break;
            case SctpState.ShutdownSent:
                // Both sides shut down at once (RFC 9260 s9.2).
                State = SctpState.ShutdownAckSent;
                _sendShutdown = false;
                _sendShutdownAck = true;
                StartControlTimer(now);
                break;
            case SctpState.ShutdownAckSent:
                _sendShutdownAck = true;
                break;
            default:
                Counters.Drop(SctpDropReason.UnexpectedChunk);
                break;
        }
    }

    private void OnShutdownAck()
    {
        if (State is not (SctpState.ShutdownSent or SctpState.ShutdownAckSent))
        {
            Counters.Drop(SctpDropReason.UnexpectedChunk);
            return;
        }

        ReplyEmpty(ChunkType.ShutdownComplete, 0, _peerTag);
        Close(SctpCloseReason.Local, null);
    }

    private void OnShutdownComplete()
    {
        if (State == SctpState.ShutdownAckSent)
        {
            Close(SctpCloseReason.Remote, null);
        }
        else
        {
            Counters.Drop(SctpDropReason.UnexpectedChunk);
        }
    }

    private void OnAbort(ReadOnlySpan<byte> value)
    {
        string? detail = null;
        var causes = new ParameterReader(value);
        if (causes.TryRead(out var cause, out var information, out _))
        {
            detail = cause is ErrorCause.UserInitiatedAbort or ErrorCause.ProtocolViolation
                ? Encoding.UTF8.GetString(information[..Math.Min(information.Length, MaxDetail)])
                : $"error cause {cause}";
        }

        Close(SctpCloseReason.Remote, detail);
    }

    private void OnError(ReadOnlySpan<byte> value, long now)
    {
        var causes = new ParameterReader(value);
        while (causes.TryRead(out var cause, out _, out _))
        {
            if (cause == ErrorCause.StaleCookie && State == SctpState.CookieEchoed)
            {
                // RFC 9260 s5.2.6: ask for a new cookie, with the same tag and TSN.
                State = SctpState.CookieWait;
                _peerCookie = null;
                _sendCookieEcho = false;
                _sendInit = true;
                StartControlTimer(now);
            }
        }
    }

    /// <summary>A packet for an association that is not there (RFC 9260 s8.4): one that lingers on the other side is told that this one is gone.</summary>
    private void OnOutOfTheBlue(uint tag, byte type)
    {
        if (type == ChunkType.ShutdownAck)
        {
            ReplyEmpty(ChunkType.ShutdownComplete, ReflectedTag, tag);
        }
        else if (IsOver && type is not (ChunkType.CookieAck or ChunkType.Error))
        {
            ReplyEmpty(ChunkType.Abort, ReflectedTag, tag);
        }
    }

    private void ReplyEmpty(byte type, byte flags, uint tag)
    {
        var reply = NewPacket();
        reply.Begin(tag);
        _ = reply.Add(type, flags, 0);
        _replies.Add(reply.Finish().ToArray());
    }

    /// <param name="reason">For the owner.</param>
    /// <param name="cause">For the other side.</param>
    /// <param name="detail">For people on both sides.</param>
    /// <param name="information">What the cause carries; empty to carry <paramref name="detail"/>.</param>
    private void AbortWith(SctpCloseReason reason, ushort cause, string detail, scoped ReadOnlySpan<byte> information = default)
    {
        if (_peerTag != 0)
        {
            Span<byte> text = stackalloc byte[MaxDetail];
            if (information.IsEmpty)
            {
                _ = Encoding.UTF8.TryGetBytes(detail, text, out var written);
                information = text[..written];
            }

            var reply = NewPacket();
            reply.Begin(_peerTag);
            var value = reply.Add(ChunkType.Abort, 0, WireSize.TlvHeader + information.Length);
            BinaryPrimitives.WriteUInt16BigEndian(value, cause);
            BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)value.Length);
            information.CopyTo(value[WireSize.TlvHeader..]);
            _replies.Add(reply.Finish().ToArray());
        }

        Close(reason, detail);
    }
}
