namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// Lets one pass of a session through at a time. A partial gives way: to a final even while it runs, to a newer partial while it still waits for a provider.
/// </summary>
internal sealed class Turnstile
{
    private readonly Lock _lock = new();
    private readonly List<Ticket> _waiting = [];
    private Ticket? _inside;

    /// <summary>Passes that hold on to it; guarded by <see cref="SessionLines"/>.</summary>
    public int Users { get; set; }

    /// <summary>Joins; <see cref="Ticket.Admitted"/> ends when it is this pass's turn.</summary>
    public Ticket Join(bool isFinal, CancellationToken cancellationToken)
    {
        var ticket = new Ticket(isFinal, cancellationToken);
        lock (_lock)
        {
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (!_waiting[i].IsFinal)
                {
                    _waiting[i].Displace();
                    _waiting.RemoveAt(i);
                }
            }

            if (_inside is { IsFinal: false } && (isFinal || !_inside.HasProvider))
            {
                _inside.Displace();
            }

            if (_inside is null)
            {
                _inside = ticket;
                ticket.Admit();
            }
            else
            {
                _waiting.Add(ticket);
            }
        }

        return ticket;
    }

    /// <summary>Leaves, from inside or from the line, and lets the next one through.</summary>
    public void Leave(Ticket ticket)
    {
        lock (_lock)
        {
            if (_inside != ticket)
            {
                _ = _waiting.Remove(ticket);
                return;
            }

            _inside = null;
            if (_waiting.Count > 0)
            {
                _inside = _waiting[0];
                _waiting.RemoveAt(0);
                _inside.Admit();
            }
        }
    }

    /// <summary>A pass's place in the line.</summary>
    internal sealed class Ticket : IDisposable
    {
        private readonly TaskCompletionSource _admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _cancellation;

        public Ticket(bool isFinal, CancellationToken cancellationToken)
        {
            IsFinal = isFinal;
            _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        }

        public bool IsFinal { get; }

        /// <summary>Whether another pass took its place.</summary>
        public bool IsDisplaced { get; private set; }

        /// <summary>Whether it runs; until then a newer partial is worth more.</summary>
        public bool HasProvider { get; set; }

        /// <summary>Ends when the pass is no longer wanted.</summary>
        public CancellationToken Cancellation => _cancellation.Token;

        public Task Admitted => _admitted.Task;

        public void Admit() => _ = _admitted.TrySetResult();

        public void Displace()
        {
            IsDisplaced = true;

            // What is registered on the token takes the broker's lock and must not run under the turnstile's.
            _ = _cancellation.CancelAsync();
        }

        public void Dispose() => _cancellation.Dispose();
    }
}
