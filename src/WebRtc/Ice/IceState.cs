namespace AsrHub.Rtc.WebRtc.Ice;

/// <summary>What an ICE-lite agent knows about its other side.</summary>
public enum IceState
{
    /// <summary>No authenticated check has come yet.</summary>
    New,

    /// <summary>An address is proved, and something authenticated came lately.</summary>
    Connected,

    /// <summary>Nothing authenticated came for a while; it may come back.</summary>
    Disconnected,

    /// <summary>Given up because no check ever came (UDP blocked, or the advertised address is not reachable).</summary>
    NeverConnected,

    /// <summary>Given up because nothing authenticated came for the whole inactivity time (RFC 7675 s5.1).</summary>
    Expired,
}
