namespace AsrHub.Rtc.WebRtc;

/// <summary>
/// Where a datagram came from or goes to: the remote address, and the local socket it used. An answer leaves by the socket its request
/// came in on, or the other side's ICE agent sees an address it never asked (RFC 8445 s7.3.1.3).
/// </summary>
/// <param name="LocalSocket">Index of the local socket (one socket per advertised address), assigned by the caller.</param>
/// <param name="Remote">The other side's address as this side sees it.</param>
public readonly record struct TransportPath(int LocalSocket, TransportAddress Remote);
