using System.Runtime.CompilerServices;
using System.Text.Json;
using AsrHub.Rtc.Signaling.Access;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Signaling.Ice;
using AsrHub.Rtc.Signaling.Sessions;
using AsrHub.Rtc.Transcription.Sessions;
using Microsoft.AspNetCore.SignalR;

namespace AsrHub.Rtc.Signaling.Hubs;

/// <summary>
/// Sets up WebRTC for the browser page (<c>docs/contract.md</c>). Arguments are taken as raw JSON, so that a wrong one is answered with the contract's
/// error object instead of SignalR's own words. A connection may use the sessions it made and those it proved to own with <see cref="Resume"/>.
/// </summary>
/// <param name="host">The sessions.</param>
/// <param name="gate">Tells who calls.</param>
/// <param name="iceServers">TURN servers for clients.</param>
/// <param name="streams">Counts subscriptions.</param>
public sealed class SignalingHub(ISessionHost host, AccessGate gate, IceServers iceServers, EventStreams streams) : Hub
{
    /// <summary>Where the hub is mapped.</summary>
    public const string Path = "/hubs/signaling";

    /// <summary>Longest session description, characters. A browser's offer with one audio track has about 3,000.</summary>
    public const int MaxSdpLength = 64 * 1024;

    private const int MaxTextLength = 2048;

    /// <summary>Starts a session.</summary>
    /// <param name="settings">Settings in the hub's or the GA shape; null for the defaults.</param>
    public async Task<SessionCreatedMessage> CreateSession(JsonElement settings)
    {
        if (!SessionSettingsReader.TryRead(settings, "", new SessionSettings(), out var parsed, out var error))
        {
            throw new ContractException(error);
        }

        return Own(await host.CreateAsync(parsed, gate.Identify(Context.GetHttpContext()), Context.ConnectionAborted));
    }

    /// <summary>Takes a session over from another connection.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="resumeToken">Its secret.</param>
    /// <param name="after">Number of the last event seen, from which the next data channel goes on; null: where the last one stopped.</param>
    public SessionCreatedMessage Resume(JsonElement sessionId, JsonElement resumeToken, JsonElement after) =>
        Own(host.Resume(new SessionKey(Text(sessionId, "sessionId"), Text(resumeToken, "resumeToken")), Sequence(after)));

    /// <summary>Answers an offer.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="sdp">Offer.</param>
    public async Task<SdpMessage> Offer(JsonElement sessionId, JsonElement sdp) =>
        new(await host.OfferAsync(Owned(sessionId), Sdp(sdp), Context.ConnectionAborted));

    /// <summary>Restarts ICE.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="sdp">Offer with new ICE credentials.</param>
    public async Task<SdpMessage> Restart(JsonElement sessionId, JsonElement sdp) =>
        new(await host.RestartAsync(Owned(sessionId), Sdp(sdp), Context.ConnectionAborted));

    /// <summary>Takes a candidate of the client.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="candidate">The candidate line, an <c>RTCIceCandidateInit</c>, or null for the end of candidates.</param>
    public async Task AddIceCandidate(JsonElement sessionId, JsonElement candidate) =>
        await host.AddIceCandidateAsync(Owned(sessionId), Candidate(candidate), Context.ConnectionAborted);

    /// <summary>Drains and ends a session; completes when its last final is out.</summary>
    /// <param name="sessionId">The session.</param>
    public Task Close(JsonElement sessionId) => host.CloseAsync(Owned(sessionId), Context.ConnectionAborted);

    /// <summary>Streams the session's events, the same as go to the data channel, up to its end.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="after">Number of the last event seen; null or 0 for all that is kept.</param>
    /// <param name="cancellationToken">The client stopped listening.</param>
    public IAsyncEnumerable<JsonElement> Subscribe(JsonElement sessionId, JsonElement after, CancellationToken cancellationToken)
    {
        var key = Owned(sessionId);
        var events = host.Events(key);
        return streams.HasRoom(key.SessionId)
            ? Stream(key.SessionId, events, Sequence(after) ?? 0, cancellationToken)
            : throw ContractException.InvalidRequest(
                DoorErrorCodes.TooManyStreams,
                $"The session has {EventStreams.MaxPerSession} subscriptions already, the most it takes. End one of them first.",
                "sessionId");
    }

    private async IAsyncEnumerable<JsonElement> Stream(
        string sessionId, Transcription.Events.TranscriptEventLog events, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stream = streams.Open(sessionId);
        await foreach (var transcriptEvent in events.ReadAsync(after, cancellationToken))
        {
            yield return TranscriptEventWriter.ToElement(transcriptEvent);
        }
    }

    private static string Text(JsonElement json, string name)
    {
        var text = json.ValueKind == JsonValueKind.String
            ? json.GetString()!
            : throw ContractException.InvalidRequest(DoorErrorCodes.InvalidValue, $"\"{name}\" must be a text.", name);
        return text.Length <= MaxTextLength
            ? text
            : throw ContractException.InvalidRequest(DoorErrorCodes.InvalidValue, $"\"{name}\" has {text.Length} characters; at most {MaxTextLength} are taken.", name);
    }

    private static string Sdp(JsonElement json)
    {
        // A whole RTCSessionDescriptionInit serves as well as its text.
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("sdp", out var inner))
        {
            json = inner;
        }

        var sdp = json.ValueKind == JsonValueKind.String
            ? json.GetString()!
            : throw ContractException.InvalidRequest(DoorErrorCodes.InvalidValue, "\"sdp\" must be the text of the offer.", "sdp");
        return sdp.Length <= MaxSdpLength
            ? sdp
            : throw ContractException.InvalidRequest(
                DoorErrorCodes.SdpTooLarge, $"The session description has {sdp.Length} characters; at most {MaxSdpLength} are taken. Offer one audio track and no video.", "sdp");
    }

    private static string? Candidate(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("candidate", out var inner))
        {
            json = inner;
        }

        return json.ValueKind == JsonValueKind.Null ? null : Text(json, "candidate");
    }

    private static long? Sequence(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number when json.TryGetInt64(out var value) && value >= 0 => value,
        _ => throw ContractException.InvalidRequest(DoorErrorCodes.InvalidValue, "\"after\" must be the x-seq of the last event seen, or null.", "after"),
    };

    private SessionCreatedMessage Own(HostedSession session)
    {
        Context.Items[session.Key.SessionId] = session.Key.ResumeToken;
        return new SessionCreatedMessage(
            session.Key.SessionId, session.Key.ResumeToken, iceServers.For(session.Key.SessionId), TranscriptEventWriter.SessionToJson(session.Session));
    }

    private SessionKey Owned(JsonElement sessionId)
    {
        var id = Text(sessionId, "sessionId");
        return Context.Items.TryGetValue(id, out var token)
            ? new SessionKey(id, (string)token!)
            : throw ContractException.InvalidRequest(
                DoorErrorCodes.SessionNotFound,
                $"This connection has no session \"{JsonText.Shorten(id)}\". Make one with CreateSession, or take yours over with Resume and its resume token.",
                "sessionId");
    }
}
