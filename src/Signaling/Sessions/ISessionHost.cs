using AsrHub.Rtc.Signaling.Access;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Signaling.Sessions;

/// <summary>Names a session and proves that the caller may have it. The proof is the resume token, never the connection it came by.</summary>
/// <param name="SessionId"><c>sess_...</c></param>
/// <param name="ResumeToken">Secret given to whoever made the session.</param>
public readonly record struct SessionKey(string SessionId, string ResumeToken);

/// <summary>A session as its owner gets it.</summary>
/// <param name="Key">How to come back to it.</param>
/// <param name="Session">Effective settings.</param>
public sealed record HostedSession(SessionKey Key, SessionSnapshot Session);

/// <summary>
/// What the doors need of sessions and peers. Every member throws <see cref="Contract.ContractException"/> with what the caller is to be told;
/// a session that does not exist and one that belongs to somebody else are the same answer.
/// </summary>
public interface ISessionHost
{
    /// <summary>Starts a session.</summary>
    /// <param name="settings">What it does.</param>
    /// <param name="caller">Whom it counts against.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<HostedSession> CreateAsync(SessionSettings settings, Caller caller, CancellationToken cancellationToken);

    /// <summary>Comes back to a session.</summary>
    /// <param name="key">Whose it is.</param>
    /// <param name="after">The last event seen: the next data channel goes on from there. Null: where the last one stopped.</param>
    HostedSession Resume(SessionKey key, long? after);

    /// <summary>Answers an offer with a new peer; the session's peer of before, if any, is closed.</summary>
    /// <param name="key">Whose session.</param>
    /// <param name="sdp">Offer.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The answer.</returns>
    ValueTask<string> OfferAsync(SessionKey key, string sdp, CancellationToken cancellationToken);

    /// <summary>Restarts ICE on the session's peer; keys, audio and channels stay.</summary>
    /// <param name="key">Whose session.</param>
    /// <param name="sdp">Offer with new ICE credentials.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The answer.</returns>
    ValueTask<string> RestartAsync(SessionKey key, string sdp, CancellationToken cancellationToken);

    /// <summary>Takes note of a candidate of the client. An ICE-lite server waits for the client's checks and needs none.</summary>
    /// <param name="key">Whose session.</param>
    /// <param name="candidate">The candidate line; null or empty for the end of candidates.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask AddIceCandidateAsync(SessionKey key, string? candidate, CancellationToken cancellationToken);

    /// <summary>Drains and ends a session; completes when its last final is out.</summary>
    /// <param name="key">Whose session.</param>
    /// <param name="cancellationToken">Gives up waiting; the session still drains.</param>
    Task CloseAsync(SessionKey key, CancellationToken cancellationToken);

    /// <summary>What the session said and says.</summary>
    /// <param name="key">Whose session.</param>
    TranscriptEventLog Events(SessionKey key);
}
