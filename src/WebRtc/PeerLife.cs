using System.Diagnostics.CodeAnalysis;

namespace AsrHub.Rtc.WebRtc;

/// <summary>Where one end of a connection is in its life, and what it has to tell of it and of its channels.</summary>
internal sealed class PeerLife
{
    private readonly Queue<PeerEvent> _events = new();

    /// <summary>Where it is.</summary>
    public PeerState State { get; private set; }

    /// <summary>Why it is closed.</summary>
    public PeerCloseReason CloseReason { get; private set; }

    /// <summary>Notes something to tell.</summary>
    public void Tell(PeerEvent happened) => _events.Enqueue(happened);

    /// <summary>Takes the next thing to tell.</summary>
    public bool TryEvent([NotNullWhen(true)] out PeerEvent? happened) => _events.TryDequeue(out happened);

    /// <summary>Goes on to another state, and tells so.</summary>
    public void MoveTo(PeerState state)
    {
        State = state;
        Tell(new PeerEvent.StateChanged(state, PeerCloseReason.None, null));
    }

    /// <summary>Ends it, and tells so; false when it has ended before.</summary>
    public bool TryFinish(PeerCloseReason reason, string? detail)
    {
        if (State == PeerState.Closed)
        {
            return false;
        }

        State = PeerState.Closed;
        CloseReason = reason;
        Tell(new PeerEvent.StateChanged(PeerState.Closed, reason, detail));
        return true;
    }

    /// <summary>Ends it without a word.</summary>
    public void Drop() => State = PeerState.Closed;
}
