using System.Buffers.Binary;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>
/// Protects RTP and RTCP packets of one direction in place. An index is never used twice with one key (RFC 3711 s9.1): RTP packets of a source go out
/// in order of their sequence numbers, and RTCP packets are numbered here.
/// One owner at a time; not thread-safe; nothing is allocated per packet.
/// </summary>
public sealed class SrtpSender : IDisposable
{
    /// <summary>The most that protection adds to a packet: the largest tag and the SRTCP index.</summary>
    public const int MaxOverhead = SrtpProfileParameters.MaxTagLength + SrtpTransform.RtcpTrailerLength;

    private const int MaxStreams = SrtpStreamTable.Capacity;

    private readonly SrtpTransform _transform;
    private readonly SrtpStreamTable _rtp = new();
    private uint _nextRtcpIndex;
    private bool _disposed;

    /// <summary>Makes a sender from a master key and salt.</summary>
    public SrtpSender(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
        : this(profile, SrtpTransform.Create(profile, masterKey, masterSalt, encrypt: true))
    {
    }

    internal SrtpSender(SrtpProfile profile, SrtpTransform transform, uint firstRtcpIndex = 0)
    {
        Profile = profile;
        _transform = transform;
        _nextRtcpIndex = firstRtcpIndex;
    }

    /// <summary>The protection profile.</summary>
    public SrtpProfile Profile { get; }

    /// <summary>Protects an RTP packet.</summary>
    /// <param name="buffer">The packet, with at least <see cref="MaxOverhead"/> bytes of room behind it.</param>
    /// <param name="length">Length of the plain packet.</param>
    /// <param name="protectedLength">Length of the protected packet; 0 unless the result is <see cref="SrtpStatus.Ok"/>.</param>
    public SrtpStatus TryProtectRtp(Span<byte> buffer, int length, out int protectedLength)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        protectedLength = 0;
        if (length < RtpHeaderLength.Fixed)
        {
            return SrtpStatus.TooShort;
        }

        if (buffer.Length < length + _transform.TagLength)
        {
            return SrtpStatus.BufferTooSmall;
        }

        var status = RtpHeaderLength.Measure(buffer[..length], out var headerLength);
        if (status != SrtpStatus.Ok)
        {
            return status;
        }

        var sequence = BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[8..]);
        var stream = _rtp.Find(ssrc);
        if (stream is null && _rtp.Count == MaxStreams)
        {
            // A forgotten source that came back would start again at roll-over 0 and use its indices twice.
            return SrtpStatus.KeyExhausted;
        }

        var index = stream is null ? sequence : stream.EstimateIndex(sequence);
        if (stream is not null && index <= stream.Highest)
        {
            return SrtpStatus.IndexReused;
        }

        if (index > SrtpStream.MaxRtpIndex)
        {
            return SrtpStatus.KeyExhausted;
        }

        protectedLength = length + _transform.TagLength;
        _rtp.Commit(stream, ssrc, index);
        _transform.SealRtp(buffer[..protectedLength], headerLength, ssrc, index);
        return SrtpStatus.Ok;
    }

    /// <summary>Protects a compound RTCP packet.</summary>
    /// <param name="buffer">The packet, with at least <see cref="MaxOverhead"/> bytes of room behind it.</param>
    /// <param name="length">Length of the plain packet.</param>
    /// <param name="protectedLength">Length of the protected packet; 0 unless the result is <see cref="SrtpStatus.Ok"/>.</param>
    public SrtpStatus TryProtectRtcp(Span<byte> buffer, int length, out int protectedLength)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        protectedLength = 0;
        if (length < SrtpTransform.RtcpHeaderLength)
        {
            return SrtpStatus.TooShort;
        }

        var total = length + _transform.TagLength + SrtpTransform.RtcpTrailerLength;
        if (buffer.Length < total)
        {
            return SrtpStatus.BufferTooSmall;
        }

        // The index has 31 bits and does not come round under one key (RFC 3711 s9.2). One count for all sources keeps every pair of source and index unique.
        if (_nextRtcpIndex >= SrtpTransform.RtcpEncryptedFlag)
        {
            return SrtpStatus.KeyExhausted;
        }

        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]);
        _transform.SealRtcp(buffer[..total], ssrc, SrtpTransform.RtcpEncryptedFlag | _nextRtcpIndex++);
        protectedLength = total;
        return SrtpStatus.Ok;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _transform.Dispose();
    }
}
