using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using AsrHub.Rtc.Crypto.Srtp;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>
/// One side of a DTLS 1.2 session over OpenSSL, as a machine without sockets or clock. Datagrams come from an address that ICE has proved;
/// application data (SCTP packets, RFC 8261) flows and keys can be exported only once the peer has shown the certificate of its fingerprint.
/// <code>
/// New --Start--> Handshaking --certificate proved, Finished--> Connected --close_notify, Close--> Closed
///                     `------ cap, wrong fingerprint, failure ------------------------------------^
/// </code>
/// OpenSSL's own retransmission timer reads the wall clock, so it is set to an hour and the last flight is kept and sent again from here. The
/// unprotected records get new numbers each time: a peer that had to drop one that came too early (ChangeCipherSpec has no place in the order of
/// handshake messages) must not take its second coming for a replay. Protected ones go as they were; a peer drops those that it has (RFC 6347 s4.1.2.6).
/// After the handshake OpenSSL sees application data and protected alerts only. A handshake record then is either a peer that missed our last flight,
/// which gets it again, or a second ClientHello, which is dropped (RFC 8842 s4).
/// </summary>
public sealed partial class DtlsEndpoint : IDisposable
{
    // Bounds how often a peer that missed our last flight can make us send it again.
    private const long LastFlightSpacing = 20 * Micros.Millisecond;
    private const uint OpenSslTimer = 3_600_000_000;

    // Above every path MTU; a larger record would reach its reader in pieces.
    private const int MaxRecord = 2_048;
    private const int MaxCertificate = 16_384;

    private readonly DtlsOptions _options;
    private readonly SslHandle _ssl;
    private readonly PacketQueue _outgoing;
    private readonly PacketQueue _incoming;
    private readonly PacketQueue _flight;
    private SdpFingerprint? _expected;
    private bool _certificateProved;
    private bool _flightIsOld;
    private long _deadline = Micros.Never;
    private long _retransmitAt = Micros.Never;
    private long _retransmitAfter;
    private long _lastFlightSentAt;

    /// <summary>Makes an endpoint.</summary>
    /// <param name="role">Its part in the handshake.</param>
    /// <param name="certificate">What it shows; must outlive the endpoint's construction only.</param>
    /// <param name="expected">Fingerprint that the peer's certificate must have.</param>
    /// <param name="options">Times and sizes.</param>
    /// <exception cref="DtlsSetupException">OpenSSL refused.</exception>
    public DtlsEndpoint(DtlsRole role, DtlsCertificate certificate, SdpFingerprint expected, DtlsOptions? options = null)
        : this(role, (certificate ?? throw new ArgumentNullException(nameof(certificate))).Context, expected, options)
    {
    }

    internal DtlsEndpoint(DtlsRole role, SslContextHandle context, SdpFingerprint expected, DtlsOptions? options)
    {
        ArgumentNullException.ThrowIfNull(expected);
        _options = options ?? DtlsOptions.Default;
        _expected = expected;
        _outgoing = new PacketQueue(_options.QueueBytes);
        _incoming = new PacketQueue(_options.QueueBytes);
        _flight = new PacketQueue(_options.QueueBytes);
        Role = role;
        _ssl = CreateSession(context);
    }

    /// <summary>Its part in the handshake.</summary>
    public DtlsRole Role { get; }

    /// <summary>Where it is in its life.</summary>
    public DtlsState State { get; private set; }

    /// <summary>Why it ended.</summary>
    public DtlsEnd End { get; private set; }

    /// <summary>For people: what went wrong.</summary>
    public string? EndDetail { get; private set; }

    /// <summary>Datagrams that were not sent, or application packets not delivered, because a queue was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>Largest application packet that fits one datagram of the MTU: record header, explicit nonce and tag take 37 bytes (RFC 6347 s4.1, RFC 5288 s3).</summary>
    public int MaxPayload => _options.Mtu - 37;

    /// <summary>When <see cref="OnTimeout"/> wants to be called.</summary>
    public long NextTimeout => Math.Min(_deadline, _retransmitAt);

    /// <summary>ICE has proved an address: the handshake may begin.</summary>
    public void Start(long now)
    {
        if (State != DtlsState.New)
        {
            return;
        }

        State = DtlsState.Handshaking;
        _deadline = now + _options.HandshakeTimeout;
        if (Role == DtlsRole.Client)
        {
            Advance(now);
        }
    }

    /// <summary>Takes one datagram from the proved address.</summary>
    public void Receive(ReadOnlySpan<byte> datagram, long now)
    {
        var records = new DtlsRecordReader(datagram);
        while (State is DtlsState.Handshaking or DtlsState.Connected && records.Next())
        {
            if (!Accepts(ref records, now))
            {
                continue;
            }

            _input = records.Record.Length;
            unsafe
            {
                fixed (byte* record = records.Record)
                {
                    _inputAt = record;
                    Advance(now);
                    _inputAt = null;
                }
            }
        }
    }

    /// <summary>Sends one application packet as one datagram.</summary>
    /// <returns>False when the session is not connected or the packet is empty or larger than <see cref="MaxPayload"/>.</returns>
    public unsafe bool Send(ReadOnlySpan<byte> data)
    {
        if (State != DtlsState.Connected || data.IsEmpty || data.Length > MaxPayload)
        {
            return false;
        }

        LibCrypto.ClearErrors();
        fixed (byte* bytes = data)
        {
            return LibSsl.Write(_ssl, bytes, data.Length) == data.Length;
        }
    }

    /// <summary>Takes the next application packet; it is valid until the next call of <see cref="Receive"/>.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> data) => _incoming.TryDequeue(out data);

    /// <summary>Takes the next datagram to send; it is valid until the next call that may send.</summary>
    public bool TryTransmit(out ReadOnlyMemory<byte> datagram) => _outgoing.TryDequeue(out datagram);

    /// <summary>Sends the last flight again, or gives up.</summary>
    public void OnTimeout(long now)
    {
        if (now >= _deadline)
        {
            Finish(DtlsEnd.Timeout, _plainAlert is null ? "The DTLS handshake did not finish in time." : $"The DTLS handshake did not finish in time; an unprotected alert came: {_plainAlert}.");
        }
        else if (now >= _retransmitAt)
        {
            SendFlightAgain();
            _retransmitAfter = Math.Min(_retransmitAfter * 2, _options.LastRetransmit);
            _retransmitAt = now + _retransmitAfter;
        }
    }

    /// <summary>Ends the session; a connected peer is told (close_notify).</summary>
    public void Close()
    {
        if (State == DtlsState.Closed)
        {
            return;
        }

        SayGoodbye();
        Finish(DtlsEnd.Local, null);
    }

    /// <summary>Makes both directions of SRTP from the session's keys (RFC 5764 s4.2).</summary>
    /// <returns>False unless it is connected.</returns>
    public unsafe bool TryCreateSrtp([NotNullWhen(true)] out SrtpReceiver? receiver, [NotNullWhen(true)] out SrtpSender? sender)
    {
        receiver = null;
        sender = null;
        if (State != DtlsState.Connected)
        {
            return false;
        }

        var label = "EXTRACTOR-dtls_srtp"u8;
        Span<byte> material = stackalloc byte[SrtpProfileParameters.Of(_profile).ExporterLength];
        LibCrypto.ClearErrors();
        fixed (byte* output = material)
        {
            fixed (byte* name = label)
            {
                if (LibSsl.ExportKeyingMaterial(_ssl, output, (nuint)material.Length, name, (nuint)label.Length, null, 0, 0) != 1)
                {
                    return false;
                }
            }
        }

        (receiver, sender) = SrtpKeys.FromExporter(_profile, material, Role == DtlsRole.Server);
        CryptographicOperations.ZeroMemory(material);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (State != DtlsState.Closed)
        {
            Finish(DtlsEnd.Local, null);
        }

        _ssl.Dispose();
    }

    // Which records OpenSSL gets to see. Alerts outside the cipher are anybody's word, and OpenSSL would end the session on one (RFC 6347 s4.1.2.7).
    private bool Accepts(ref DtlsRecordReader records, long now)
    {
        if (records.Type == DtlsContentType.Alert)
        {
            if (records.Epoch > 0)
            {
                return true;
            }

            if (records.Record.Length >= 15)
            {
                _plainAlert = records.Record[14];
            }

            return false;
        }

        if (records.Record.Length > MaxRecord)
        {
            Dropped++;
            return false;
        }

        if (State == DtlsState.Handshaking)
        {
            return true;
        }

        if (records.Type == DtlsContentType.Handshake && records.Epoch > 0 && Role == DtlsRole.Server && now - _lastFlightSentAt >= LastFlightSpacing)
        {
            _lastFlightSentAt = now;
            SendFlightAgain();
        }

        return records.Type == DtlsContentType.ApplicationData && records.Epoch > 0;
    }
}
