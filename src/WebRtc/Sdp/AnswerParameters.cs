using System.Security.Cryptography;
using AsrHub.Rtc.WebRtc.Ice;

namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>What this side puts into an answer.</summary>
public sealed record AnswerParameters
{
    /// <summary>Local ICE credentials.</summary>
    public required IceCredentials Ice { get; init; }

    /// <summary>Fingerprint of the local certificate.</summary>
    public required SdpFingerprint Fingerprint { get; init; }

    /// <summary>Addresses to advertise as host candidates, the preferred one first.</summary>
    public required IReadOnlyList<TransportAddress> Candidates { get; init; }

    /// <summary>Session id of the <c>o=</c> line: the same for all answers of a session (RFC 9429 s5.2.1).</summary>
    public long SessionId { get; init; } = NewSessionId();

    /// <summary>Version of the <c>o=</c> line: one more with each answer of a session.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Local SCTP port.</summary>
    public int SctpPort { get; init; } = 5000;

    /// <summary>Largest data channel message taken, in bytes (RFC 8841 s6).</summary>
    public int MaxMessageSize { get; init; } = OfferedApplication.DefaultMaxMessageSize;

    /// <summary>
    /// Opus parameters wanted of the sender (RFC 7587 s6.1). In-band FEC repairs single losses; libopus goes over to the mode that carries it once losses are
    /// reported. No maxplaybackrate: wideband SILK costs the recognizer its sibilants ("American" for "Americans" in 16 of 17 codings of one clip, in none
    /// of 12 at 64 kbit/s and more without the limit), although only 16 kHz are decoded. DTX is not asked for: a steady stream lets speech end by
    /// what is heard instead of by the clock, and loses no onset.
    /// </summary>
    public string OpusFormat { get; init; } = "minptime=10;useinbandfec=1;maxaveragebitrate=64000";

    /// <summary>63 random bits (RFC 9429 s5.2.1).</summary>
    public static long NewSessionId()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToInt64(bytes) & long.MaxValue;
    }
}
