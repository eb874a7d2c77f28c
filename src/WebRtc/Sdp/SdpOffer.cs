using AsrHub.Rtc.WebRtc.Ice;

namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>
/// An offer that can be answered (RFC 9429 s5.3): one audio section that sends Opus, at most one data channel section beside it in the same BUNDLE
/// group, and what the transport under both needs. Every other section is answered with port 0.
/// </summary>
public sealed class SdpOffer
{
    private SdpOffer(SessionDescription session)
    {
        Session = session;
        var bundle = BundleOf(session);
        CheckMids(session);
        Audio = FindAudio(session, bundle);
        Application = FindApplication(session, bundle, Audio);
        IsBundled = Audio.Media.Mid is { } mid && bundle.Contains(mid);

        var tagged = IsBundled ? FindByMid(session, bundle[0]) : null;
        if (session.Attributes.Has("ice-lite"))
        {
            throw new SdpException(
                SdpErrorCodes.IceLiteBoth,
                "The offer says a=ice-lite, and so is this server: neither side would send connectivity checks (RFC 8445 s6.1.1). Connect with a full ICE agent, such as a browser.");
        }

        RemoteIce = ReadIce(tagged);
        Fingerprint = ReadFingerprint(tagged);
        CheckSetup(Lookup("setup", tagged));
    }

    /// <summary>The description as it stood.</summary>
    public SessionDescription Session { get; }

    /// <summary>The audio section that will be answered.</summary>
    public OfferedAudio Audio { get; }

    /// <summary>The data channel section that will be answered; null when there is none.</summary>
    public OfferedApplication? Application { get; }

    /// <summary>True when the audio section is in a BUNDLE group (RFC 9143).</summary>
    public bool IsBundled { get; }

    /// <summary>The offerer's ICE credentials.</summary>
    public IceCredentials RemoteIce { get; }

    /// <summary>The strongest fingerprint of the offerer's certificate that is supported.</summary>
    public SdpFingerprint Fingerprint { get; }

    /// <summary>True when the offerer orders its nominations by a value (draft-thatcher-ice-renomination).</summary>
    public bool Renomination => HasIceOption("renomination");

    /// <summary>True when the offerer may mix one-byte and two-byte header extensions in every section (RFC 8285 s6).</summary>
    public bool ExtmapAllowMixed => Session.Attributes.Has("extmap-allow-mixed");

    /// <summary>Reads an offer.</summary>
    /// <exception cref="SdpException">It cannot be answered.</exception>
    public static SdpOffer Parse(string sdp) => new(SessionDescription.Parse(sdp));

    /// <summary>
    /// Checks that this offer, for a session that is running, keeps what cannot change in it: the answered sections and their places (RFC 3264 s8), and
    /// the certificate, since another one would need another DTLS association (RFC 8842 s4). New ICE credentials are an ICE restart.
    /// </summary>
    /// <exception cref="SdpException">It does not.</exception>
    public void EnsureContinues(SdpOffer previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        if (Fingerprint != previous.Fingerprint)
        {
            throw Mismatch("the fingerprint of the certificate has changed");
        }

        if (Session.Media.Count < previous.Session.Media.Count)
        {
            throw Mismatch("it has fewer media sections than before");
        }

        if (IndexOf(Audio.Media) != previous.IndexOf(previous.Audio.Media) || Audio.OpusPayloadType != previous.Audio.OpusPayloadType)
        {
            throw Mismatch("the audio section or its payload type has changed");
        }

        if (previous.Application is { } before && (Application is null || IndexOf(Application.Media) != previous.IndexOf(before.Media)))
        {
            throw Mismatch("the data channel section has changed");
        }
    }

    private static SdpException Mismatch(string what) => new(
        SdpErrorCodes.OfferMismatch,
        $"The new offer does not continue this session: {what}. Restart ICE on the same RTCPeerConnection, or begin a new session.");

    private int IndexOf(MediaDescription media)
    {
        for (var i = 0; i < Session.Media.Count; i++)
        {
            if (ReferenceEquals(Session.Media[i], media))
            {
                return i;
            }
        }

        return -1;
    }

    private static List<string> BundleOf(SessionDescription session)
    {
        List<string> mids = [];
        foreach (var line in session.Attributes.Items)
        {
            if (line.Name == "group" && line.Value.StartsWith("BUNDLE ", StringComparison.Ordinal))
            {
                mids.AddRange(line.Value["BUNDLE ".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
                break;
            }
        }

        return mids;
    }

    private static void CheckMids(SessionDescription session)
    {
        HashSet<string> seen = [];
        foreach (var media in session.Media)
        {
            if (media.Mid is { } mid && (mid.Length is 0 or > 64 || mid.Contains(' ') || !seen.Add(mid)))
            {
                throw new SdpException(SdpErrorCodes.Malformed, $"a=mid:{SdpException.Quote(mid)} is empty, too long or used twice (RFC 5888 s4). Send the offer as the browser made it.");
            }
        }
    }

    private static MediaDescription? FindByMid(SessionDescription session, string mid)
    {
        foreach (var media in session.Media)
        {
            if (media.Mid == mid)
            {
                return media;
            }
        }

        return null;
    }

    private static OfferedAudio FindAudio(SessionDescription session, List<string> bundle)
    {
        OfferedAudio? unbundled = null;
        SdpException? first = null;
        foreach (var media in session.Media)
        {
            if (media.Kind != "audio" || media.IsRejected)
            {
                continue;
            }

            var audio = OfferedAudio.TryCreate(session, media, out var problem);
            if (audio is not null && (bundle.Count == 0 || (media.Mid is { } mid && bundle.Contains(mid))))
            {
                return audio;
            }

            unbundled ??= audio;
            first ??= problem;
        }

        return unbundled ?? throw first ?? new SdpException(
            SdpErrorCodes.NoAudio,
            "The offer has no audio section. Add the microphone track to the RTCPeerConnection before making the offer.");
    }

    private static OfferedApplication? FindApplication(SessionDescription session, List<string> bundle, OfferedAudio audio)
    {
        // Both must share one transport; what is outside the audio's BUNDLE group would need another one.
        if (audio.Media.Mid is not { } audioMid || !bundle.Contains(audioMid))
        {
            return null;
        }

        foreach (var media in session.Media)
        {
            if (media.Kind == "application" && !media.IsRejected && media.Mid is { } mid && bundle.Contains(mid)
                && OfferedApplication.TryCreate(media) is { } application)
            {
                return application;
            }
        }

        return null;
    }

    /// <summary>A transport attribute: of the audio section, else of the section that the BUNDLE group names first, else of the session.</summary>
    private string? Lookup(string name, MediaDescription? tagged) =>
        Audio.Media.Attributes[name] ?? tagged?.Attributes[name] ?? Session.Attributes[name];

    private IceCredentials ReadIce(MediaDescription? tagged)
    {
        var ufrag = Lookup("ice-ufrag", tagged);
        var password = Lookup("ice-pwd", tagged);
        if (ufrag is null || password is null)
        {
            throw new SdpException(SdpErrorCodes.NoIceCredentials, "The offer has no a=ice-ufrag or no a=ice-pwd. Send the offer after setLocalDescription.");
        }

        if (!IceCredentials.IsValidUfrag(ufrag) || !IceCredentials.IsValidPassword(password))
        {
            throw new SdpException(
                SdpErrorCodes.NoIceCredentials,
                $"a=ice-ufrag:{SdpException.Quote(ufrag)} or its a=ice-pwd is not valid: 4 to 256 and 22 to 256 letters, digits, + or / (RFC 8839 s5.4). Send the offer as the browser made it.");
        }

        return new IceCredentials(ufrag, password);
    }

    private SdpFingerprint ReadFingerprint(MediaDescription? tagged)
    {
        var source = Audio.Media.Attributes.Has("fingerprint") ? Audio.Media.Attributes
            : tagged is not null && tagged.Attributes.Has("fingerprint") ? tagged.Attributes
            : Session.Attributes;
        SdpFingerprint? best = null;
        string? unsupported = null;
        foreach (var line in source.Items)
        {
            if (line.Name != "fingerprint")
            {
                continue;
            }

            if (!SdpFingerprint.TryParse(line.Value, out var parsed))
            {
                unsupported ??= line.Value;
            }
            else if (best is null || parsed!.Strength > best.Strength)
            {
                best = parsed;
            }
        }

        return best ?? throw (unsupported is null
            ? new SdpException(SdpErrorCodes.NoFingerprint, "The offer has no a=fingerprint: without one the other side's certificate cannot be checked (RFC 8827 s6.5). Offer it with an RTCPeerConnection.")
            : new SdpException(
                SdpErrorCodes.FingerprintUnsupported,
                $"a=fingerprint:{SdpException.Quote(unsupported)} is not a whole sha-256, sha-384 or sha-512 hash, the ones that are taken (RFC 8122 s5)."));
    }

    // The server is the DTLS server: it answers actpass and active with passive (RFC 8842 s5.3). A missing setup leaves the client role to the offerer.
    private static void CheckSetup(string? setup)
    {
        if (setup is not (null or "actpass" or "active"))
        {
            throw new SdpException(
                SdpErrorCodes.SetupInvalid,
                $"The offer says a=setup:{SdpException.Quote(setup)}; this server answers as the DTLS server, so the offer must say \"actpass\" or \"active\" (RFC 8842 s5.3).");
        }
    }

    private bool HasIceOption(string option) => Session.Attributes.HasWord("ice-options", option) || Audio.Media.Attributes.HasWord("ice-options", option);
}
