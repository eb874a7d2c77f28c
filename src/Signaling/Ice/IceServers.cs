using System.Text.Json.Serialization;

namespace AsrHub.Rtc.Signaling.Ice;

/// <summary>An entry of the browser's <c>RTCConfiguration.iceServers</c>.</summary>
public sealed record IceServer
{
    /// <summary><c>turn:host:port?transport=udp</c> and its like.</summary>
    [JsonPropertyName("urls")]
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>Name to log in with.</summary>
    [JsonPropertyName("username")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UserName { get; init; }

    /// <summary>Password to log in with.</summary>
    [JsonPropertyName("credential")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Credential { get; init; }
}

/// <summary>The TURN servers that clients are told of.</summary>
public sealed record TurnOptions
{
    /// <summary>Their addresses; empty: none.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>The secret shared with coturn (<c>static-auth-secret</c>).</summary>
    public string Secret { get; init; } = "";

    /// <summary>How long credentials work.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>Makes a session's list of ICE servers.</summary>
/// <param name="options">The TURN servers.</param>
/// <param name="time">Clock.</param>
public sealed class IceServers(TurnOptions options, TimeProvider time)
{
    /// <summary>The list for one session; its credentials are made now.</summary>
    /// <param name="sessionId">Whose list.</param>
    public IReadOnlyList<IceServer> For(string sessionId)
    {
        if (options.Urls.Count == 0)
        {
            return [];
        }

        var credentials = TurnCredentials.Create(options.Secret, sessionId, time.GetUtcNow() + options.Lifetime);
        return [new IceServer { Urls = options.Urls, UserName = credentials.UserName, Credential = credentials.Password }];
    }
}
