using System.Buffers.Binary;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>
/// Opens SRTP and SRTCP packets of one direction in place. A packet changes nothing here until its tag has vouched for it (RFC 3711 s3.3):
/// look whether it is a replay, authenticate, decrypt, and only then remember it.
/// One owner at a time; not thread-safe; nothing is allocated per packet.
/// </summary>
public sealed class SrtpReceiver : IDisposable
{
    private readonly SrtpTransform _transform;
    private readonly SrtpStreamTable _rtp = new();
    private readonly SrtpStreamTable _rtcp = new();
    private bool _disposed;

    /// <summary>Makes a receiver from a master key and salt.</summary>
    public SrtpReceiver(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
        : this(profile, SrtpTransform.Create(profile, masterKey, masterSalt, encrypt: false))
    {
    }

    internal SrtpReceiver(SrtpProfile profile, SrtpTransform transform)
    {
        Profile = profile;
        _transform = transform;
    }

    /// <summary>The protection profile.</summary>
    public SrtpProfile Profile { get; }

    /// <summary>How many sources have sent authentic RTP and are remembered.</summary>
    public int RtpStreamCount => _rtp.Count;

    /// <summary>How many sources have sent authentic RTCP and are remembered.</summary>
    public int RtcpStreamCount => _rtcp.Count;

    /// <summary>Opens an RTP packet.</summary>
    /// <param name="packet">The datagram. It is changed only if the packet is authentic.</param>
    /// <param name="length">Length of the plain RTP packet at the start of <paramref name="packet"/>; 0 unless the result is <see cref="SrtpStatus.Ok"/>.</param>
    public SrtpStatus TryUnprotectRtp(Span<byte> packet, out int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        length = 0;
        var plainLength = packet.Length - _transform.TagLength;
        if (plainLength < RtpHeaderLength.Fixed)
        {
            return SrtpStatus.TooShort;
        }

        var status = RtpHeaderLength.Measure(packet[..plainLength], out var headerLength);
        if (status != SrtpStatus.Ok)
        {
            return status;
        }

        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        var stream = _rtp.Find(ssrc);
        var index = stream is null ? sequence : stream.EstimateIndex(sequence);
        if (stream is not null && (status = stream.Check(index)) != SrtpStatus.Ok)
        {
            return status;
        }

        if (index > SrtpStream.MaxRtpIndex || !Open(packet, headerLength, ssrc, stream is null, ref index))
        {
            return SrtpStatus.AuthenticationFailed;
        }

        _rtp.Commit(stream, ssrc, index);
        length = plainLength;
        return SrtpStatus.Ok;
    }

    /// <summary>Opens a compound RTCP packet. One without encryption (E = 0) must be authentic all the same (RFC 3711 s3.4).</summary>
    /// <param name="packet">The datagram. It is changed only if the packet is authentic.</param>
    /// <param name="length">Length of the plain RTCP packet at the start of <paramref name="packet"/>; 0 unless the result is <see cref="SrtpStatus.Ok"/>.</param>
    public SrtpStatus TryUnprotectRtcp(Span<byte> packet, out int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        length = 0;
        var plainLength = packet.Length - _transform.TagLength - SrtpTransform.RtcpTrailerLength;
        if (plainLength < SrtpTransform.RtcpHeaderLength)
        {
            return SrtpStatus.TooShort;
        }

        if (packet[0] >> 6 != 2)
        {
            return SrtpStatus.Malformed;
        }

        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var trailer = BinaryPrimitives.ReadUInt32BigEndian(packet[_transform.RtcpTrailerOffset(packet.Length)..]);
        var index = trailer & ~SrtpTransform.RtcpEncryptedFlag;
        var stream = _rtcp.Find(ssrc);
        if (stream is not null && stream.Check(index) is not SrtpStatus.Ok and var status)
        {
            return status;
        }

        if (!_transform.OpenRtcp(packet, ssrc, trailer))
        {
            return SrtpStatus.AuthenticationFailed;
        }

        _rtcp.Commit(stream, ssrc, index);
        length = plainLength;
        return SrtpStatus.Ok;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _transform.Dispose();
    }

    /// <summary>
    /// A new source is taken to be at roll-over 0. One that began shortly before 65535 and lost its first packets is at 1 already
    /// when we first hear it, so a low sequence number gets a second try there.
    /// </summary>
    private bool Open(Span<byte> packet, int headerLength, uint ssrc, bool isNew, ref ulong index)
    {
        if (_transform.OpenRtp(packet, headerLength, ssrc, index))
        {
            return true;
        }

        if (!isNew || index >= SrtpStream.RollOver / 2)
        {
            return false;
        }

        index += SrtpStream.RollOver;
        return _transform.OpenRtp(packet, headerLength, ssrc, index);
    }
}
