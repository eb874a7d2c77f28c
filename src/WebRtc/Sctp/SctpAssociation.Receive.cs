using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

public sealed partial class SctpAssociation
{
    /// <summary>Largest chunk that is quoted back in an ERROR.</summary>
    private const int MaxQuoted = 128;

    /// <summary>T bit of ABORT and SHUTDOWN COMPLETE: the tag is the receiver's own, reflected (RFC 9260 s8.5.1).</summary>
    private const byte ReflectedTag = 0x01;

    /// <summary>Takes in one packet. Whatever it holds, nothing is thrown; what makes no sense is dropped and counted.</summary>
    public void Receive(ReadOnlySpan<byte> packet, long now)
    {
        _now = now;
        Counters.PacketsReceived++;
        if (packet.Length < WireSize.CommonHeader + WireSize.TlvHeader)
        {
            Counters.Drop(SctpDropReason.Malformed);
            return;
        }

        if (!Crc32c.Verify(packet))
        {
            Counters.Drop(SctpDropReason.BadChecksum);
            return;
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(packet) != _options.RemotePort
            || BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) != _options.LocalPort)
        {
            Counters.Drop(SctpDropReason.WrongPort);
            return;
        }

        var body = packet[WireSize.CommonHeader..];
        if (!ChunkReader.IsWellFramed(body))
        {
            Counters.Drop(SctpDropReason.Malformed);
            return;
        }

        var tag = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        if (Admit(tag, body, now))
        {
            OnChunks(body, now);
            _receiver?.EndPacket(now);
            AdvanceShutdown(now);
        }
    }

    /// <summary>Checks the verification tag (RFC 9260 s8.5) and handles packets that stand outside an association.</summary>
    /// <returns>True when the chunks are to be processed.</returns>
    private bool Admit(uint tag, ReadOnlySpan<byte> body, long now)
    {
        var reader = new ChunkReader(body);
        _ = reader.TryRead(out var type, out var flags, out var value);
        switch (type)
        {
            case ChunkType.Init:
                // RFC 9260 s8.5.1 A: tag 0, and alone in its packet.
                if (tag != 0 || !reader.IsAtEnd)
                {
                    return Refuse(SctpDropReason.WrongTag);
                }

                OnInit(value, now);
                return false;
            case ChunkType.CookieEcho when !IsOver:
                // The cookie says which tag the packet must carry.
                return OnCookieEcho(tag, value, now);
            case ChunkType.Abort or ChunkType.ShutdownComplete:
                var isReflected = (flags & ReflectedTag) != 0;
                var isOurs = State != SctpState.Closed && tag == (isReflected ? _peerTag : _localTag) && tag != 0;
                return isOurs || Refuse(SctpDropReason.WrongTag);
        }

        if (State == SctpState.Closed)
        {
            OnOutOfTheBlue(tag, type);
            return Refuse(SctpDropReason.OutOfTheBlue);
        }

        return tag == _localTag || Refuse(SctpDropReason.WrongTag);
    }

    private bool Refuse(SctpDropReason reason)
    {
        Counters.Drop(reason);
        return false;
    }

    private void OnChunks(ReadOnlySpan<byte> body, long now)
    {
        var reader = new ChunkReader(body);
        var goesOn = true;
        while (goesOn && reader.TryRead(out var type, out var flags, out var value))
        {
            goesOn = OnChunk(type, flags, value, now) && State != SctpState.Closed;
        }
    }

    /// <returns>False when the rest of the packet is to be dropped.</returns>
    private bool OnChunk(byte type, byte flags, ReadOnlySpan<byte> value, long now)
    {
        switch (type)
        {
            case ChunkType.CookieEcho:
                // Admitted as the first chunk and handled there; anywhere else it is out of place.
                return true;
            case ChunkType.InitAck:
                OnInitAck(value, now);
                return true;
            case ChunkType.CookieAck:
                OnCookieAck();
                return true;
            case ChunkType.Abort:
                OnAbort(value);
                return false;
            case ChunkType.Error:
                OnError(value, now);
                return true;
            case ChunkType.ShutdownComplete:
                OnShutdownComplete();
                return false;
        }

        if (_sender is null || _receiver is null || State < SctpState.CookieEchoed)
        {
            return Refuse(SctpDropReason.UnexpectedChunk);
        }

        switch (type)
        {
            case ChunkType.Data:
                return OnData(flags, value);
            case ChunkType.Sack:
                if (_sender.OnSack(value, now))
                {
                    _reset.OnAcknowledged(_sender.CumulativeAck);
                }

                return true;
            case ChunkType.Heartbeat:
                // The information comes back as it is (RFC 9260 s8.3).
                if (value.Length <= _options.MaxPacketSize - WireSize.CommonHeader - WireSize.TlvHeader)
                {
                    _controls.AddChunk(ChunkType.HeartbeatAck, 0, value);
                }

                return true;
            case ChunkType.HeartbeatAck:
                return true;
            case ChunkType.ForwardTsn when State is SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownSent:
                _receiver.OnForwardTsn(value);
                return true;
            case ChunkType.ReConfig when State is SctpState.Established or SctpState.ShutdownPending:
                _reset.OnReConfig(value, _receiver, _controls);
                return true;
            case ChunkType.Shutdown:
                OnShutdown(value, now);
                return true;
            case ChunkType.ShutdownAck:
                OnShutdownAck();
                return true;
            case ChunkType.Init or ChunkType.ForwardTsn or ChunkType.ReConfig:
                return Refuse(SctpDropReason.UnexpectedChunk);
            default:
                return OnUnknown(type, flags, value);
        }
    }

    private bool OnData(byte flags, ReadOnlySpan<byte> value)
    {
        if (State is not (SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownSent))
        {
            return Refuse(SctpDropReason.UnexpectedChunk);
        }

        const int Fixed = WireSize.DataHeader - WireSize.TlvHeader;
        if (value.Length < Fixed)
        {
            Counters.Drop(SctpDropReason.Malformed);
            return true;
        }

        var header = new DataHeader(
            BinaryPrimitives.ReadUInt32BigEndian(value),
            BinaryPrimitives.ReadUInt16BigEndian(value[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(value[6..]),
            BinaryPrimitives.ReadUInt32BigEndian(value[8..]),
            flags);
        if (value.Length == Fixed)
        {
            // RFC 9260 s6.2: a chunk without user data ends the association.
            Span<byte> tsn = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(tsn, header.Tsn);
            AbortWith(SctpCloseReason.ProtocolViolation, ErrorCause.NoUserData, "DATA without user data", tsn);
            return false;
        }

        if (!_receiver!.OnData(header, value[Fixed..]))
        {
            Span<byte> stream = stackalloc byte[4];
            stream.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(stream, header.Stream);
            _controls.AddError(ErrorCause.InvalidStream, stream);
        }

        if (State == SctpState.ShutdownSent)
        {
            // RFC 9260 s9.2: each packet with data is answered with SACK and SHUTDOWN.
            _sendShutdown = true;
        }

        return true;
    }

    /// <summary>RFC 9260 s3.2: the highest bit says go on with the next chunk, the second-highest asks for a report.</summary>
    private bool OnUnknown(byte type, byte flags, ReadOnlySpan<byte> value)
    {
        Counters.Drop(SctpDropReason.Unknown);
        if ((type & 0x40) != 0 && value.Length <= MaxQuoted)
        {
            Span<byte> chunk = stackalloc byte[WireSize.TlvHeader + value.Length];
            chunk[0] = type;
            chunk[1] = flags;
            BinaryPrimitives.WriteUInt16BigEndian(chunk[2..], (ushort)chunk.Length);
            value.CopyTo(chunk[WireSize.TlvHeader..]);
            _controls.AddError(ErrorCause.UnrecognizedChunk, chunk);
        }

        return (type & 0x80) != 0;
    }
}
