using System.Buffers.Binary;
using System.Security.Cryptography;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>AEAD_AES_128_GCM (RFC 7714).</summary>
internal sealed unsafe class GcmTransform : SrtpTransform
{
    private const int Tag = 16;
    private const int NonceLength = 12;

    private readonly CipherContextHandle _rtp;
    private readonly CipherContextHandle _rtcp;
    private readonly byte[] _rtpSalt;
    private readonly byte[] _rtcpSalt;

    public GcmTransform(SrtpSessionKeys rtp, SrtpSessionKeys rtcp, bool encrypt)
    {
        _rtpSalt = rtp.Salt.ToArray();
        _rtcpSalt = rtcp.Salt.ToArray();
        _rtp = CipherContextHandle.Create(LibCrypto.Aes128Gcm(), rtp.Key, encrypt);
        _rtcp = CipherContextHandle.Create(LibCrypto.Aes128Gcm(), rtcp.Key, encrypt);
    }

    public override int TagLength => Tag;

    public override int RtcpTrailerOffset(int packetLength) => packetLength - RtcpTrailerLength;

    public override bool OpenRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        var nonce = stackalloc byte[NonceLength];
        WriteRtpNonce(nonce, ssrc, index);
        fixed (byte* start = packet)
        {
            return Open(_rtp, nonce, start, headerLength, null, start + headerLength, packet.Length - headerLength - Tag);
        }
    }

    public override void SealRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        var nonce = stackalloc byte[NonceLength];
        WriteRtpNonce(nonce, ssrc, index);
        fixed (byte* start = packet)
        {
            Seal(_rtp, nonce, start, headerLength, null, start + headerLength, packet.Length - headerLength - Tag);
        }
    }

    public override bool OpenRtcp(Span<byte> packet, uint ssrc, uint trailer)
    {
        var nonce = stackalloc byte[NonceLength];
        WriteRtcpNonce(nonce, ssrc, trailer);
        var bodyLength = packet.Length - Tag - RtcpTrailerLength;
        fixed (byte* start = packet)
        {
            // The associated data ends with the trailer word; without encryption it holds the whole packet (RFC 7714 s9.2, s9.3).
            var clear = (trailer & RtcpEncryptedFlag) != 0 ? RtcpHeaderLength : bodyLength;
            return Open(_rtcp, nonce, start, clear, start + packet.Length - RtcpTrailerLength, start + clear, bodyLength - clear);
        }
    }

    public override void SealRtcp(Span<byte> packet, uint ssrc, uint trailer)
    {
        var nonce = stackalloc byte[NonceLength];
        WriteRtcpNonce(nonce, ssrc, trailer);
        BinaryPrimitives.WriteUInt32BigEndian(packet[^RtcpTrailerLength..], trailer);
        var bodyLength = packet.Length - Tag - RtcpTrailerLength;
        fixed (byte* start = packet)
        {
            var clear = (trailer & RtcpEncryptedFlag) != 0 ? RtcpHeaderLength : bodyLength;
            Seal(_rtcp, nonce, start, clear, start + packet.Length - RtcpTrailerLength, start + clear, bodyLength - clear);
        }
    }

    public override void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
        CryptographicOperations.ZeroMemory(_rtpSalt);
        CryptographicOperations.ZeroMemory(_rtcpSalt);
    }

    /// <summary>Two zero octets, SSRC, roll-over counter, sequence number, all over the salt (RFC 7714 s8.1).</summary>
    private void WriteRtpNonce(byte* nonce, uint ssrc, ulong index)
    {
        var span = new Span<byte>(nonce, NonceLength);
        var salt = _rtpSalt.AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(span, BinaryPrimitives.ReadUInt16BigEndian(salt));
        BinaryPrimitives.WriteUInt32BigEndian(span[2..], BinaryPrimitives.ReadUInt32BigEndian(salt[2..]) ^ ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(span[6..], BinaryPrimitives.ReadUInt32BigEndian(salt[6..]) ^ (uint)(index >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(span[10..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(salt[10..]) ^ index));
    }

    /// <summary>Two zero octets, SSRC, two zero octets, the index without the E flag, all over the salt (RFC 7714 s9.1).</summary>
    private void WriteRtcpNonce(byte* nonce, uint ssrc, uint trailer)
    {
        var span = new Span<byte>(nonce, NonceLength);
        var salt = _rtcpSalt.AsSpan();
        salt.CopyTo(span);
        BinaryPrimitives.WriteUInt32BigEndian(span[2..], BinaryPrimitives.ReadUInt32BigEndian(salt[2..]) ^ ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(span[8..], BinaryPrimitives.ReadUInt32BigEndian(salt[8..]) ^ (trailer & ~RtcpEncryptedFlag));
    }

    private static bool Open(CipherContextHandle owner, byte* nonce, byte* header, int headerLength, byte* trailer, byte* body, int bodyLength)
    {
        var context = owner.DangerousGetHandle();
        Run(context, nonce, header, headerLength, trailer, body, bodyLength);
        int written;
        byte none;
        var ok = LibCrypto.CipherControl(context, LibCrypto.SetAeadTag, Tag, body + bodyLength) == 1
            && LibCrypto.CipherFinal(context, &none, &written) == 1;
        if (!ok)
        {
            // The body has been through the keystream once; the second time undoes the first, so that no unauthenticated plaintext remains.
            Run(context, nonce, null, 0, null, body, bodyLength);
        }

        GC.KeepAlive(owner);
        return ok;
    }

    private static void Seal(CipherContextHandle owner, byte* nonce, byte* header, int headerLength, byte* trailer, byte* body, int bodyLength)
    {
        var context = owner.DangerousGetHandle();
        Run(context, nonce, header, headerLength, trailer, body, bodyLength);
        int written;
        byte none;
        _ = LibCrypto.CipherFinal(context, &none, &written);
        _ = LibCrypto.CipherControl(context, LibCrypto.GetAeadTag, Tag, body + bodyLength);
        GC.KeepAlive(owner);
    }

    private static void Run(nint context, byte* nonce, byte* header, int headerLength, byte* trailer, byte* body, int bodyLength)
    {
        int written;
        _ = LibCrypto.CipherInit(context, 0, 0, null, nonce, -1);
        if (headerLength > 0)
        {
            _ = LibCrypto.CipherUpdate(context, null, &written, header, headerLength);
        }

        if (trailer != null)
        {
            _ = LibCrypto.CipherUpdate(context, null, &written, trailer, RtcpTrailerLength);
        }

        if (bodyLength > 0)
        {
            _ = LibCrypto.CipherUpdate(context, body, &written, body, bodyLength);
        }
    }
}
