using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AsrHub.Rtc.Crypto.Srtp;

namespace AsrHub.Rtc.WebRtc.Dtls;

// The half of the endpoint that talks to OpenSSL, and what OpenSSL calls back into.
public sealed partial class DtlsEndpoint
{
    private unsafe byte* _inputAt;
    private int _input;
    private byte? _plainAlert;
    private ulong _plainSequence;
    private bool _certificateRefused;
    private SrtpProfile _profile;

    /// <summary>OpenSSL has a datagram to send.</summary>
    internal void OnWrite(ReadOnlySpan<byte> datagram)
    {
        if (State == DtlsState.Handshaking)
        {
            if (_flightIsOld)
            {
                _flight.Clear();
                _flightIsOld = false;
            }

            _ = _flight.TryEnqueue(datagram, out _);
        }

        Enqueue(datagram);
    }

    /// <summary>OpenSSL wants the next record.</summary>
    internal unsafe int OnRead(Span<byte> buffer)
    {
        if (_inputAt is null || _input == 0 || _input > buffer.Length)
        {
            return 0;
        }

        var length = _input;
        new ReadOnlySpan<byte>(_inputAt, length).CopyTo(buffer);
        _input = 0;
        return length;
    }

    /// <summary>The peer shows its certificate.</summary>
    /// <returns>True if it is the one that was signalled.</returns>
    internal unsafe bool OnPeerCertificate(nint certificate)
    {
        var length = LibCrypto.EncodeCertificate(certificate, null);
        if (_expected is null || length is <= 0 or > MaxCertificate)
        {
            _certificateRefused = true;
            return false;
        }

        var der = new byte[length];
        fixed (byte* output = der)
        {
            var at = output;
            _certificateProved = LibCrypto.EncodeCertificate(certificate, &at) == length && _expected.Matches(der);
        }

        _certificateRefused = !_certificateProved;
        return _certificateProved;
    }

    private void SendFlightAgain()
    {
        for (var i = 0; i < _flight.Count; i++)
        {
            Enqueue(_flight[i]);
        }
    }

    private void Enqueue(ReadOnlySpan<byte> datagram)
    {
        if (_outgoing.TryEnqueue(datagram, out var copy))
        {
            DtlsRecordReader.Renumber(copy, ref _plainSequence);
        }
        else
        {
            Dropped++;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static uint TimerInterval(nint ssl, uint last) => OpenSslTimer;

    private unsafe SslHandle CreateSession(SslContextHandle context)
    {
        LibCrypto.ClearErrors();
        var ssl = LibSsl.New(context);
        ssl.Own("SSL_new");
        try
        {
            _ = LibSsl.Control(ssl, LibSsl.CtrlSetMtu, _options.Mtu, null);
            _ = LibSsl.Control(ssl, LibSsl.CtrlSetLinkMtu, _options.Mtu, null);
            LibSsl.SetTimerCallback(ssl, &TimerInterval);
            ssl.Owner = GCHandle.Alloc(this, GCHandleType.Weak);
            var bio = DatagramBio.Create(ssl.Owner).GiveAway();
            LibSsl.SetBio(ssl, bio, bio);
            if (Role == DtlsRole.Server)
            {
                LibSsl.SetAcceptState(ssl);
            }
            else
            {
                LibSsl.SetConnectState(ssl);
            }

            return ssl;
        }
        catch
        {
            ssl.Dispose();
            throw;
        }
    }

    // Lets OpenSSL work on the record at hand.
    private void Advance(long now)
    {
        if (State == DtlsState.Handshaking)
        {
            Shake(now);
        }

        if (State == DtlsState.Connected)
        {
            ReadAll();
        }
    }

    private void Shake(long now)
    {
        _flightIsOld = true;
        LibCrypto.ClearErrors();
        var result = LibSsl.DoHandshake(_ssl);
        if (!_flightIsOld)
        {
            _retransmitAfter = _options.FirstRetransmit;
            _retransmitAt = now + _retransmitAfter;
            _lastFlightSentAt = now;
        }

        if (result == 1)
        {
            Complete();
        }
        else if (LibSsl.GetError(_ssl, result) != LibSsl.ErrorWantRead)
        {
            var reason = LibCrypto.LastError();
            Finish(
                _certificateRefused ? DtlsEnd.FingerprintMismatch : DtlsEnd.Failed,
                _certificateRefused ? "The peer's certificate does not match the fingerprint of its description." : $"DTLS handshake: {reason}");
        }
    }

    private unsafe void Complete()
    {
        var profile = LibSsl.GetSelectedSrtpProfile(_ssl);
        _profile = profile is null ? default : (SrtpProfile)profile->Id.Value;
        _deadline = Micros.Never;
        _retransmitAt = Micros.Never;
        if (!_certificateProved)
        {
            SayGoodbye();
            Finish(DtlsEnd.FingerprintMismatch, "The peer's certificate was not shown.");
        }
        else if (_profile is not (SrtpProfile.AeadAes128Gcm or SrtpProfile.Aes128CmHmacSha1Tag80))
        {
            SayGoodbye();
            Finish(DtlsEnd.Failed, "The peer offers no SRTP protection profile that is supported here (RFC 5764 s4.1).");
        }
        else
        {
            State = DtlsState.Connected;
            _expected = null;
        }
    }

    // A datagram may hold several records and OpenSSL may have kept early ones: read until it has no more.
    private unsafe void ReadAll()
    {
        var packet = stackalloc byte[MaxRecord];
        while (true)
        {
            LibCrypto.ClearErrors();
            var length = LibSsl.Read(_ssl, packet, MaxRecord);
            if (length <= 0)
            {
                OnReadEnd(LibSsl.GetError(_ssl, length));
                return;
            }

            if (!_incoming.TryEnqueue(new ReadOnlySpan<byte>(packet, length), out _))
            {
                Dropped++;
            }
        }
    }

    private void OnReadEnd(int error)
    {
        if (error == LibSsl.ErrorZeroReturn)
        {
            SayGoodbye();
            Finish(DtlsEnd.Remote, "The peer closed the DTLS session.");
        }
        else if (error != LibSsl.ErrorWantRead)
        {
            Finish(DtlsEnd.Remote, $"DTLS: {LibCrypto.LastError()}");
        }
    }

    private void SayGoodbye()
    {
        LibCrypto.ClearErrors();
        _ = LibSsl.Shutdown(_ssl);
    }

    // The native session goes at once: what it had to say is in the outgoing queue.
    private void Finish(DtlsEnd end, string? detail)
    {
        State = DtlsState.Closed;
        End = end;
        EndDetail = detail;
        _deadline = Micros.Never;
        _retransmitAt = Micros.Never;
        _flight.Clear();
        _ssl.Dispose();
    }
}
