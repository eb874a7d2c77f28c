using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Sctp;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.ClientPeer;

/// <summary>How a test's peer offers and behaves; the defaults are those of a browser.</summary>
public sealed record ClientPeerOptions
{
    public static ClientPeerOptions Default { get; } = new();

    public ClientIceOptions Ice { get; init; } = new();

    public DtlsOptions Dtls { get; init; } = DtlsOptions.Default;

    /// <summary>OpenSSL's list of SRTP profiles to offer; null for none.</summary>
    public string? SrtpProfiles { get; init; } = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

    /// <summary>False to shake hands without a certificate.</summary>
    public bool ShowCertificate { get; init; } = true;

    /// <summary>Written into the offer instead of the own certificate's.</summary>
    public SdpFingerprint? OfferedFingerprint { get; init; }

    public byte PayloadType { get; init; } = 111;

    /// <summary>Header extension id of MID; 0 to leave it out.</summary>
    public byte MidExtensionId { get; init; } = 4;

    /// <summary>How many packets of a source carry MID.</summary>
    public int PacketsWithMid { get; init; } = 20;

    public bool WithDataChannel { get; init; } = true;

    /// <summary>Sockets to check every candidate from.</summary>
    public int LocalSockets { get; init; } = 1;

    /// <summary>Opens channels with odd ids, though it is the DTLS client.</summary>
    public bool WithOddChannelIds { get; init; }

    public SctpOptions Sctp { get; init; } = new();
}
