namespace AsrHub.Rtc.Signaling.Access;

/// <summary>Who may use the doors.</summary>
public sealed record AccessOptions
{
    /// <summary>Access keys; the server puts one here when none is configured.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Origins of pages, besides the server's own, that may use the doors, e.g. <c>https://app.example.com</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Whether callers without a key are let in from anywhere.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Whether the server's own page needs no key when both it and its browser are on this machine.</summary>
    public bool TrustLoopback { get; init; } = true;
}
