namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>Which side of the DTLS handshake an endpoint plays.</summary>
public enum DtlsRole
{
    /// <summary>Waits for the ClientHello: <c>a=setup:passive</c>, what this product answers (RFC 8842 s5.3).</summary>
    Server,

    /// <summary>Sends the ClientHello: <c>a=setup:active</c>, the offerer's part.</summary>
    Client,
}
