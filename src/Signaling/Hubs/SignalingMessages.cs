using System.Text.Json;
using System.Text.Json.Serialization;
using AsrHub.Rtc.Signaling.Ice;

namespace AsrHub.Rtc.Signaling.Hubs;

/// <summary>What <c>CreateSession</c> and <c>Resume</c> answer.</summary>
/// <param name="SessionId"><c>sess_...</c></param>
/// <param name="ResumeToken">Secret that gives the session to another connection.</param>
/// <param name="IceServers">For <c>RTCConfiguration.iceServers</c>; empty where no TURN server is configured.</param>
/// <param name="Session">The GA session object with the effective settings.</param>
public sealed record SessionCreatedMessage(
    [property: JsonPropertyName("sessionId")] string SessionId,
    [property: JsonPropertyName("resumeToken")] string ResumeToken,
    [property: JsonPropertyName("iceServers")] IReadOnlyList<IceServer> IceServers,
    [property: JsonPropertyName("session")] JsonElement Session);

/// <summary>What <c>Offer</c> and <c>Restart</c> answer.</summary>
/// <param name="Sdp">The answer's session description.</param>
public sealed record SdpMessage([property: JsonPropertyName("sdp")] string Sdp);

/// <summary>Serialization of the hub's own types, made at compile time.</summary>
[JsonSerializable(typeof(SessionCreatedMessage))]
[JsonSerializable(typeof(SdpMessage))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class SignalingJsonContext : JsonSerializerContext;
