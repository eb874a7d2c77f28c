using System.Security.Cryptography;
using AsrHub.Rtc.Crypto.Srtp;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Rtp;

namespace AsrHub.Rtc.ClientPeer;

/// <summary>
/// The browser's half of a connection, as far as tests and benches need it: it offers a microphone and a data channel, checks paths, shakes hands as
/// the DTLS client, sends RTP and opens channels. The same contract as <see cref="Peer"/>: after every call drain <see cref="TryTransmit"/> and
/// <see cref="TryEvent"/>.
/// </summary>
public sealed class OfferingPeer : IDisposable
{
    private readonly ClientPeerOptions _options;
    private readonly DtlsCertificate _certificate;
    private readonly bool _ownsCertificate;
    private readonly SslContextHandle _context;
    private readonly Queue<Datagram> _outgoing = new();
    private readonly PeerLife _life = new();
    private int _offerVersion = 1;
    private int _packetsWithMid;
    private AnswerText? _answer;
    private DtlsEndpoint? _dtls;
    private SrtpReceiver? _receiver;
    private SrtpSender? _sender;
    private PeerData? _data;

    public OfferingPeer(ClientPeerOptions? options = null, DtlsCertificate? certificate = null)
    {
        _options = options ?? ClientPeerOptions.Default;
        _ownsCertificate = certificate is null;
        _certificate = certificate ?? DtlsCertificate.Create();
        _context = _certificate.CreateContext(_options.SrtpProfiles, _options.ShowCertificate);
        Ice = new ClientIceAgent(_options.Ice);
        OfferSdp = WriteOffer();
    }

    public ClientIceAgent Ice { get; }

    /// <summary>The DTLS half; null before ICE has a path.</summary>
    public DtlsEndpoint? Dtls => _dtls;

    public string OfferSdp { get; private set; }

    public PeerState State => _life.State;

    /// <summary>Synchronisation source of the next frame.</summary>
    public uint Ssrc { get; set; } = (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue);

    /// <summary>Sequence number of the next frame.</summary>
    public ushort Sequence { get; set; } = (ushort)RandomNumberGenerator.GetInt32(0, 0x8000);

    /// <summary>RTP timestamp of the next frame.</summary>
    public uint Timestamp { get; set; } = (uint)RandomNumberGenerator.GetInt32(0, int.MaxValue);

    /// <summary>Receiver reports that came in.</summary>
    public int ReportsReceived { get; private set; }

    public long NextTimeout => State == PeerState.Closed
        ? Micros.Never
        : Math.Min(Ice.NextTimeout, Math.Min(_dtls?.NextTimeout ?? Micros.Never, _data?.NextTimeout ?? Micros.Never));

    /// <summary>Takes the answer and begins to check its candidates.</summary>
    public void AcceptAnswer(string answerSdp, long now)
    {
        _answer = AnswerText.Parse(answerSdp);
        var paths = _answer.Candidates.SelectMany(candidate => Enumerable.Range(0, _options.LocalSockets).Select(socket => new TransportPath(socket, candidate)));
        Ice.Start(_answer.Ice, paths, now);
        Ice.OnTimeout(now);
    }

    /// <summary>Begins an ICE restart: the new offer.</summary>
    public string Restart()
    {
        Ice.BeginRestart();
        _offerVersion++;
        OfferSdp = WriteOffer();
        return OfferSdp;
    }

    public void Receive(ReadOnlySpan<byte> datagram, TransportPath path, long now)
    {
        if (State == PeerState.Closed || datagram.Length < 2)
        {
            return;
        }

        switch (datagram[0])
        {
            case <= 3:
                _ = Ice.Receive(datagram, path, now);
                FollowIce(now);
                break;
            case >= 20 and <= 63 when _dtls is not null:
                _dtls.Receive(datagram, now);
                FollowDtls(now);
                break;
            case >= 128 and <= 191 when _receiver is not null && _receiver.TryUnprotectRtcp(datagram.ToArray(), out _) == SrtpStatus.Ok:
                ReportsReceived++;
                break;
        }
    }

    public void OnTimeout(long now)
    {
        if (State == PeerState.Closed)
        {
            return;
        }

        Ice.OnTimeout(now);
        _dtls?.OnTimeout(now);
        _data?.OnTimeout(now);
        FollowIce(now);
        FollowDtls(now);
    }

    public bool TryTransmit(out Datagram datagram)
    {
        if (_outgoing.TryDequeue(out datagram) || Ice.TryTransmit(out datagram))
        {
            return true;
        }

        if (_dtls is not null && Ice.SelectedPath is { } path
            && (_dtls.TryTransmit(out var data) || (_data is not null && _data.TryFlushOne() && _dtls.TryTransmit(out data))))
        {
            datagram = new Datagram(data, path);
            return true;
        }

        return false;
    }

    public bool TryEvent(out PeerEvent? happened) => _life.TryEvent(out happened);

    /// <summary>Sends the next frame of the microphone and moves <see cref="Sequence"/> and <see cref="Timestamp"/> on.</summary>
    public bool SendAudio(ReadOnlySpan<byte> payload, uint ticks = 960)
    {
        var sent = SendRtp(new RtpHeader(_options.PayloadType, Sequence, Timestamp, Ssrc), payload);
        Sequence++;
        Timestamp += ticks;
        return sent;
    }

    /// <summary>Sends one RTP packet.</summary>
    public bool SendRtp(RtpHeader header, ReadOnlySpan<byte> payload)
    {
        if (_sender is null || Ice.SelectedPath is not { } path)
        {
            return false;
        }

        var packet = new byte[1_500];
        var withMid = _options.MidExtensionId > 0 && _packetsWithMid++ < _options.PacketsWithMid;
        var length = withMid
            ? RtpPacketWriter.Write(packet, header, payload, _options.MidExtensionId, System.Text.Encoding.ASCII.GetBytes(OfferText.AudioMid))
            : RtpPacketWriter.Write(packet, header, payload);
        if (length == 0 || _sender.TryProtectRtp(packet, length, out var protectedLength) != SrtpStatus.Ok)
        {
            return false;
        }

        _outgoing.Enqueue(new Datagram(packet.AsMemory(0, protectedLength), path));
        return true;
    }

    /// <summary>Sends a compound RTCP packet.</summary>
    public bool SendRtcp(ReadOnlySpan<byte> compound)
    {
        var packet = new byte[compound.Length + SrtpSender.MaxOverhead];
        compound.CopyTo(packet);
        if (_sender is null || Ice.SelectedPath is not { } path || _sender.TryProtectRtcp(packet, compound.Length, out var length) != SrtpStatus.Ok)
        {
            return false;
        }

        _outgoing.Enqueue(new Datagram(packet.AsMemory(0, length), path));
        return true;
    }

    public ushort? OpenChannel(string label, string protocol, long now)
    {
        var channel = _data?.Open(label, protocol, now);
        TakeEvents();
        return channel;
    }

    public void CloseChannel(ushort channel, long now)
    {
        _data?.CloseChannel(channel, now);
        TakeEvents();
    }

    public PeerSendResult Send(ushort channelId, ReadOnlySpan<byte> data, bool isText, long now) =>
        _data?.Send(channelId, data, isText, now) ?? PeerSendResult.NotOpen;

    public void Close(long now) => Finish(PeerCloseReason.Local, null);

    public void Dispose()
    {
        _dtls?.Dispose();
        _receiver?.Dispose();
        _sender?.Dispose();
        _context.Dispose();
        if (_ownsCertificate)
        {
            _certificate.Dispose();
        }
    }

    private string WriteOffer() => OfferText.Write(_options, Ice.LocalCredentials, _options.OfferedFingerprint ?? _certificate.Fingerprint, _offerVersion);

    private void FollowIce(long now)
    {
        if (State == PeerState.New && Ice.SelectedPath is not null)
        {
            _dtls = new DtlsEndpoint(DtlsRole.Client, _context, _answer!.Fingerprint, _options.Dtls);
            _life.MoveTo(PeerState.Connecting);
            _dtls.Start(now);
        }
    }

    private void FollowDtls(long now)
    {
        if (_dtls is null)
        {
            return;
        }

        if (_dtls.State == DtlsState.Connected && State == PeerState.Connecting && _dtls.TryCreateSrtp(out _receiver, out _sender))
        {
            _data = _answer!.Application is null ? null : new PeerData(_dtls, _options.Sctp, isEven: !_options.WithOddChannelIds);
            _data?.ConnectAt(now);
            _data?.OnTimeout(now);
            _life.MoveTo(PeerState.Connected);
        }

        while (_dtls.TryRead(out var packet))
        {
            _data?.Receive(packet.Span, now);
        }

        TakeEvents();
        if (_dtls.State == DtlsState.Closed)
        {
            Finish(_dtls.End == DtlsEnd.FingerprintMismatch ? PeerCloseReason.FingerprintMismatch : PeerCloseReason.Remote, _dtls.EndDetail);
        }
    }

    private void TakeEvents()
    {
        while (_data is not null && _data.TryEvent(out var happened))
        {
            _life.Tell(happened!);
        }
    }

    private void Finish(PeerCloseReason reason, string? detail)
    {
        if (_life.TryFinish(reason, detail))
        {
            _data?.Abort();
            _dtls?.Close();
        }
    }
}
