using System.Buffers.Binary;
using System.Security.Cryptography;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>AES_CM_128_HMAC_SHA1_80 (RFC 3711 s4.1.1, s4.2.1): encrypt, then authenticate.</summary>
internal sealed unsafe class CounterModeTransform : SrtpTransform
{
    private const int Tag = 10;
    private const int BlockLength = 16;
    private const int RocLength = 4;

    private readonly CipherContextHandle _rtp;
    private readonly CipherContextHandle _rtcp;
    private readonly HmacSha1 _rtpHmac;
    private readonly HmacSha1 _rtcpHmac;
    private readonly byte[] _rtpSalt;
    private readonly byte[] _rtcpSalt;

    public CounterModeTransform(SrtpSessionKeys rtp, SrtpSessionKeys rtcp)
    {
        _rtpSalt = rtp.Salt.ToArray();
        _rtcpSalt = rtcp.Salt.ToArray();
        _rtpHmac = new HmacSha1(rtp.AuthKey);
        _rtcpHmac = new HmacSha1(rtcp.AuthKey);
        _rtp = CipherContextHandle.Create(LibCrypto.Aes128Ctr(), rtp.Key, encrypt: true);
        _rtcp = CipherContextHandle.Create(LibCrypto.Aes128Ctr(), rtcp.Key, encrypt: true);
    }

    public override int TagLength => Tag;

    public override int RtcpTrailerOffset(int packetLength) => packetLength - Tag - RtcpTrailerLength;

    public override bool OpenRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        var signed = packet[..^Tag];
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        ComputeRtpTag(signed, index, digest);
        if (!CryptographicOperations.FixedTimeEquals(digest[..Tag], packet[^Tag..]))
        {
            return false;
        }

        Crypt(_rtp, _rtpSalt, signed[headerLength..], ssrc, index);
        return true;
    }

    public override void SealRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        var signed = packet[..^Tag];
        Crypt(_rtp, _rtpSalt, signed[headerLength..], ssrc, index);
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        ComputeRtpTag(signed, index, digest);
        digest[..Tag].CopyTo(packet[^Tag..]);
    }

    public override bool OpenRtcp(Span<byte> packet, uint ssrc, uint trailer)
    {
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        _rtcpHmac.Compute(packet[..^Tag], default, digest);
        if (!CryptographicOperations.FixedTimeEquals(digest[..Tag], packet[^Tag..]))
        {
            return false;
        }

        CryptRtcp(packet, ssrc, trailer);
        return true;
    }

    public override void SealRtcp(Span<byte> packet, uint ssrc, uint trailer)
    {
        CryptRtcp(packet, ssrc, trailer);
        BinaryPrimitives.WriteUInt32BigEndian(packet[RtcpTrailerOffset(packet.Length)..], trailer);
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        _rtcpHmac.Compute(packet[..^Tag], default, digest);
        digest[..Tag].CopyTo(packet[^Tag..]);
    }

    public override void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
        _rtpHmac.Dispose();
        _rtcpHmac.Dispose();
        CryptographicOperations.ZeroMemory(_rtpSalt);
        CryptographicOperations.ZeroMemory(_rtcpSalt);
    }

    /// <summary>The tag covers the packet and the roll-over counter, which is not sent (RFC 3711 s4.2).</summary>
    private void ComputeRtpTag(ReadOnlySpan<byte> signed, ulong index, Span<byte> digest)
    {
        Span<byte> roc = stackalloc byte[RocLength];
        BinaryPrimitives.WriteUInt32BigEndian(roc, (uint)(index >> 16));
        _rtpHmac.Compute(signed, roc, digest);
    }

    private void CryptRtcp(Span<byte> packet, uint ssrc, uint trailer)
    {
        if ((trailer & RtcpEncryptedFlag) != 0)
        {
            Crypt(_rtcp, _rtcpSalt, packet[RtcpHeaderLength..RtcpTrailerOffset(packet.Length)], ssrc, trailer & ~RtcpEncryptedFlag);
        }
    }

    /// <summary>Keystream from the counter block (salt · 2^16) XOR (SSRC · 2^64) XOR (index · 2^16), RFC 3711 s4.1.1.</summary>
    private static void Crypt(CipherContextHandle owner, byte[] salt, Span<byte> body, uint ssrc, ulong index)
    {
        if (body.IsEmpty)
        {
            return;
        }

        Span<byte> counter = stackalloc byte[BlockLength];
        salt.CopyTo(counter);
        BinaryPrimitives.WriteUInt16BigEndian(counter[14..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(counter[4..], BinaryPrimitives.ReadUInt32BigEndian(counter[4..]) ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], BinaryPrimitives.ReadUInt64BigEndian(counter[8..]) ^ (index << 16));
        var context = owner.DangerousGetHandle();
        fixed (byte* iv = counter, data = body)
        {
            int written;
            _ = LibCrypto.CipherInit(context, 0, 0, null, iv, -1);
            _ = LibCrypto.CipherUpdate(context, data, &written, data, body.Length);
        }

        GC.KeepAlive(owner);
    }
}
