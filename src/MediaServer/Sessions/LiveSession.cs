using System.Security.Cryptography;
using System.Text;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Signaling.Sessions;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Sessions;

/// <summary>A session with the peer it has at the moment. Peers come and go; the session and its numbering stay.</summary>
internal sealed partial class LiveSession
{
    // How long a closing session waits for its last events to leave by the data channel.
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(2);

    // How long a session that is cut off may take to let go of what it holds before it is left to itself.
    private static readonly TimeSpan CutOffTime = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly ITranscriptionSession _session;
    private readonly IPeerEdge _edge;
    private readonly TimeSpan _closeTime;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly byte[] _tokenHash;
    private PeerBinding? _binding;
    private PeerState _peerState = PeerState.New;
    private long _withoutPeerSince;
    private long _delivered;
    private long _resumeAfter = -1;
    private Task? _closing;

    internal LiveSession(ITranscriptionSession session, IPeerEdge edge, IDisposable place, TimeSpan closeTime, TimeProvider time, ILogger logger)
    {
        _session = session;
        _edge = edge;
        Place = place;
        _closeTime = closeTime;
        _time = time;
        _logger = logger;
        _withoutPeerSince = time.GetTimestamp();
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        Key = new SessionKey(session.Id, token);
        _tokenHash = Hash(token);
    }

    /// <summary>Name and secret.</summary>
    internal SessionKey Key { get; }

    /// <summary>Its place among the sessions of the server, freed when it has ended.</summary>
    internal IDisposable Place { get; }

    internal HostedSession Hosted => new(Key, _session.Snapshot);

    internal Transcription.Events.TranscriptEventLog Events => _session.Events;

    /// <summary>Number of the last event that the current data channel took.</summary>
    internal void NoteDelivered(PeerBinding binding, long sequence)
    {
        if (IsCurrent(binding))
        {
            Volatile.Write(ref _delivered, sequence);
        }
    }

    /// <summary>After which event a new data channel begins: the one its client saw last, if it told, else the one that the last channel took.</summary>
    internal long TakeStart()
    {
        var told = Interlocked.Exchange(ref _resumeAfter, -1);
        return told >= 0 ? told : Volatile.Read(ref _delivered);
    }

    /// <summary>Notes the last event that the client saw.</summary>
    internal void ResumeAfter(long sequence) => Volatile.Write(ref _resumeAfter, Math.Min(sequence, _session.Events.LastSequence));

    internal bool IsOwnedBy(SessionKey key) => CryptographicOperations.FixedTimeEquals(_tokenHash, Hash(key.ResumeToken));

    internal bool IsCurrent(PeerBinding binding) => ReferenceEquals(Volatile.Read(ref _binding), binding);

    /// <summary>How long no peer has been connected; zero while one is.</summary>
    internal TimeSpan WithoutPeer
    {
        get
        {
            lock (_lock)
            {
                return _peerState is PeerState.Connected or PeerState.Disconnected ? TimeSpan.Zero : _time.GetElapsedTime(_withoutPeerSince);
            }
        }
    }

    /// <summary>Whether it has drained and closed.</summary>
    internal bool HasEnded => Volatile.Read(ref _closing) is { IsCompleted: true };

    internal async ValueTask<string> OfferAsync(string sdp, CancellationToken cancellationToken)
    {
        var binding = new PeerBinding(this, _session, _time);
        var answered = await _edge.AnswerAsync(sdp, binding, cancellationToken);
        PeerBinding? old;
        lock (_lock)
        {
            // A session that began to close while the answer was made keeps no new peer.
            old = _closing is null ? _binding : binding;
            if (_closing is null)
            {
                _binding = binding;
                _peerState = PeerState.New;
                _withoutPeerSince = _time.GetTimestamp();
            }
        }

        binding.Attach(answered.Peer);
        old?.Dispose();
        return ReferenceEquals(old, binding) ? throw SessionService.NotFound(Key.SessionId) : answered.Sdp;
    }

    internal async ValueTask<string> RestartAsync(string sdp, CancellationToken cancellationToken)
    {
        PeerBinding? binding;
        lock (_lock)
        {
            binding = _peerState == PeerState.Closed ? null : _binding;
        }

        if (binding is null)
        {
            throw ContractException.InvalidRequest(
                DoorErrorCodes.NoPeer, "The session has no peer to restart. Make a new RTCPeerConnection and call Offer.", "sessionId");
        }

        var link = await binding.Link.WaitAsync(cancellationToken);
        return await link.RestartAsync(sdp, cancellationToken);
    }

    internal void OnPeerState(PeerBinding binding, PeerEvent.StateChanged changed)
    {
        lock (_lock)
        {
            // Before the answer is out the binding is not current yet, but nothing beyond "new" can have happened to it.
            if (!ReferenceEquals(_binding, binding))
            {
                return;
            }

            if (_peerState is PeerState.Connected or PeerState.Disconnected && changed.State is not (PeerState.Connected or PeerState.Disconnected))
            {
                _withoutPeerSince = _time.GetTimestamp();
            }

            _peerState = changed.State;
        }

        LogPeerState(Key.SessionId, changed.State, changed.Reason);
    }

    /// <summary>Drains: the last final goes out by every door, then the peer closes. Repeated calls wait for the same end.</summary>
    internal Task CloseAsync(string reason)
    {
        lock (_lock)
        {
            return _closing ??= Task.Run(() => DrainAsync(reason));
        }
    }

    /// <summary>Writes down a failure of ours that the client only sees the outside of.</summary>
    internal void NoteFailure(Exception exception) => LogFailed(exception, Key.SessionId);

    private async Task DrainAsync(string reason)
    {
        try
        {
            await _session.CloseAsync(reason, CancellationToken.None).WaitAsync(_closeTime, _time);
            if (Volatile.Read(ref _binding) is { } binding)
            {
                _ = await Task.WhenAny(binding.Pumped, Task.Delay(FlushTime, _time));
            }
        }
        catch (TimeoutException)
        {
            LogCutOff(Key.SessionId, _closeTime.TotalSeconds);
        }
        finally
        {
            // A session that fails at its end, or comes to none, must not leave its peer behind, nor keep its place.
            Volatile.Read(ref _binding)?.Dispose();
            await Task.WhenAny(_session.DisposeAsync().AsTask(), Task.Delay(CutOffTime, _time));
        }

        LogClosed(Key.SessionId, reason);
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId}: peer {State} ({Reason}).")]
    private partial void LogPeerState(string sessionId, PeerState state, PeerCloseReason reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} ended: {Reason}")]
    private partial void LogClosed(string sessionId, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Session {SessionId} did not end within {Seconds} s and was cut off.")]
    private partial void LogCutOff(string sessionId, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Session {SessionId}: a command or an event failed.")]
    private partial void LogFailed(Exception exception, string sessionId);
}
