using System.Diagnostics.CodeAnalysis;
using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.WebRtc;

/// <summary>
/// The server's side of one WebRTC connection: ICE-lite, DTLS, SRTP audio in, data channels both ways, joined over one stream of datagrams.
/// <para>
/// It has no socket, thread or clock. Its owner calls <see cref="Receive"/> for each datagram and <see cref="OnTimeout"/> when
/// <see cref="NextTimeout"/> has come, and after each call drains <see cref="TryTransmit"/>, <see cref="TryReadFrame"/> and <see cref="TryEvent"/>.
/// The same holds after <see cref="Send"/>, <see cref="OpenChannel"/> and <see cref="Close"/>, which only queue.
/// </para>
/// <code>
/// New --STUN proves an address--> Connecting --DTLS done, fingerprint right--> Connected &lt;--> Disconnected
///  `-------------'------------------------------------'----------------------------'------------'--> Closed(reason)
/// </code>
/// Authenticate before state: no datagram makes or changes anything before MESSAGE-INTEGRITY, DTLS or the SRTP tag has vouched for it.
/// </summary>
public sealed partial class Peer : IDisposable
{
    private readonly PeerOptions _options;
    private readonly DtlsCertificate _certificate;
    private readonly IceLiteAgent _ice;
    private readonly PeerAudio _audio;
    private readonly PeerCounters _drops = new();
    private readonly PeerLife _life = new();
    private readonly AnswerParameters _answer;
    private SdpOffer _offer;
    private DtlsEndpoint? _dtls;
    private PeerData? _data;
    private long _packetsReceived;
    private long _bytesReceived;

    private Peer(SdpOffer offer, PeerOptions options, DtlsCertificate certificate, long now)
    {
        _options = options;
        _certificate = certificate;
        _offer = offer;
        _ice = new IceLiteAgent(offer.RemoteIce, options.Ice, now);
        _audio = new PeerAudio(offer.Audio);
        _answer = new AnswerParameters
        {
            Ice = _ice.LocalCredentials,
            Fingerprint = certificate.Fingerprint,
            Candidates = options.Candidates,
            MaxMessageSize = options.MaxMessageSize,
        };
        AnswerSdp = AnswerBuilder.Build(offer, _answer);
    }

    /// <summary>The newest answer.</summary>
    public string AnswerSdp { get; private set; }

    /// <summary>The ufrag by which STUN checks name this peer: that of the newest answer.</summary>
    public string LocalUfrag => _ice.LocalCredentials.Ufrag;

    /// <summary>After an ICE restart: the ufrag before it, for as long as checks may still use it.</summary>
    public string? PreviousLocalUfrag => _ice.PreviousLocalUfrag;

    /// <summary>Where it is in its life.</summary>
    public PeerState State => _life.State;

    /// <summary>Why it is closed.</summary>
    public PeerCloseReason CloseReason => _life.CloseReason;

    /// <summary>Counts and estimates.</summary>
    public PeerStats Stats => new(_packetsReceived, _bytesReceived, _audio.Statistics, _audio.JitterMilliseconds, _data?.RoundTrip, _drops, _ice.Counters, _data?.Counters);

    /// <summary>When <see cref="OnTimeout"/> wants to be called, or <see cref="Micros.Never"/>.</summary>
    public long NextTimeout
    {
        get
        {
            if (State == PeerState.Closed)
            {
                return Micros.Never;
            }

            var next = Math.Min(_ice.NextTimeout, _audio.NextTimeout);
            if (_dtls is not null)
            {
                next = Math.Min(next, _dtls.NextTimeout);
            }

            return _data is null ? next : Math.Min(next, _data.NextTimeout);
        }
    }

    /// <summary>Answers an offer.</summary>
    /// <exception cref="SdpException">The offer cannot be answered.</exception>
    public static Peer Accept(string offerSdp, PeerOptions options, DtlsCertificate certificate, long now)
    {
        ArgumentNullException.ThrowIfNull(offerSdp);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(certificate);
        return new Peer(SdpOffer.Parse(offerSdp), options, certificate, now);
    }

    /// <summary>True for a path that an authenticated check has proved: datagrams from there are this peer's.</summary>
    public bool IsProved(TransportPath path) => _ice.IsValidPath(path);

    /// <summary>Takes one datagram. It may be changed in place.</summary>
    public void Receive(Span<byte> datagram, TransportPath path, long now)
    {
        _packetsReceived++;
        _bytesReceived += datagram.Length;
        _drops.Count(Dispatch(datagram, path, now));
    }

    /// <summary>Moves time on.</summary>
    public void OnTimeout(long now)
    {
        if (State == PeerState.Closed)
        {
            return;
        }

        _ice.OnTimeout(now);
        _audio.OnTimeout(now);
        if (_dtls is not null)
        {
            _dtls.OnTimeout(now);
            _data?.OnTimeout(now);
            FollowData();
            FollowDtlsEnd();
        }

        FollowIce(now);
    }

    /// <summary>Takes the next datagram to send; it is valid until the next call.</summary>
    public bool TryTransmit(out Datagram datagram)
    {
        if (_ice.TryTransmit(out datagram))
        {
            return true;
        }

        // Without a path there is no consent to send (RFC 7675 s5).
        if (_ice.SelectedPath is { } path && TryTakeData(out var data))
        {
            datagram = new Datagram(data, path);
            return true;
        }

        datagram = default;
        return false;
    }

    /// <summary>Takes the next audio frame in order; it is valid until the next call.</summary>
    public bool TryReadFrame(out ReceivedFrame frame) => _audio.TryReadFrame(out frame);

    /// <summary>Takes the next event.</summary>
    public bool TryEvent([NotNullWhen(true)] out PeerEvent? happened) =>
        _life.TryEvent(out happened) || (_data is not null && _data.TryEvent(out happened));

    /// <summary>
    /// Answers a further offer of the same session: with new ICE credentials it is an ICE restart (RFC 8445 s9), under which DTLS, SRTP and the data
    /// channels go on.
    /// </summary>
    /// <returns>The new answer.</returns>
    /// <exception cref="SdpException">The offer cannot be answered or does not continue this session.</exception>
    /// <exception cref="InvalidOperationException">The peer is closed.</exception>
    public string Restart(string offerSdp)
    {
        ArgumentNullException.ThrowIfNull(offerSdp);
        if (State == PeerState.Closed)
        {
            throw new InvalidOperationException("A closed peer cannot be restarted: begin a new session.");
        }

        var offer = SdpOffer.Parse(offerSdp);
        offer.EnsureContinues(_offer);
        if (offer.RemoteIce != _offer.RemoteIce)
        {
            _ice.Restart(offer.RemoteIce);
        }

        _offer = offer;
        _answerVersion++;
        AnswerSdp = AnswerBuilder.Build(offer, _answer with { Ice = _ice.LocalCredentials, Version = _answerVersion });
        return AnswerSdp;
    }

    /// <summary>Opens a data channel.</summary>
    /// <returns>Its number, or null when there is no association to open it on.</returns>
    public ushort? OpenChannel(string label, string protocol, long now)
    {
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(protocol);
        return _data?.Open(label, protocol, now);
    }

    /// <summary>Closes a data channel when what is queued on it has been sent.</summary>
    public void CloseChannel(ushort channelId, long now) => _data?.CloseChannel(channelId, now);

    /// <summary>Queues a message.</summary>
    public PeerSendResult Send(ushort channelId, ReadOnlySpan<byte> data, bool isText, long now) =>
        _data?.Send(channelId, data, isText, now) ?? PeerSendResult.NotOpen;

    /// <summary>Bytes of a channel that have not been sent a first time.</summary>
    public long BufferedAmount(ushort channelId) => _data?.BufferedAmount(channelId) ?? 0;

    /// <summary>Ends the connection; the other side is told. What is queued in <see cref="TryTransmit"/> still wants to be sent.</summary>
    public void Close(long now) => Finish(PeerCloseReason.Local, null);

    /// <summary>Frees the native objects. Tells nobody; see <see cref="Close"/>.</summary>
    public void Dispose()
    {
        _life.Drop();
        _dtls?.Dispose();
        _audio.Dispose();
    }
}
