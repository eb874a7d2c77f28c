namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// Start-time fair queueing: each tenant has a clock that advances by the recognizer time it used, and the one furthest behind goes first. A tenant
/// that comes back starts level with the others, so idleness earns no credit. Guarded by the broker's lock.
/// </summary>
internal sealed class TenantShares
{
    private readonly Dictionary<string, Share> _shares = [];
    private readonly List<string> _forgotten = [];

    /// <summary>What a pass is taken to cost until it is known, seconds.</summary>
    public double ExpectedCost { get; set; } = 0.05;

    /// <summary>A request of the tenant joined the queue.</summary>
    public void Enter(string tenant)
    {
        if (!_shares.TryGetValue(tenant, out var share))
        {
            share = new Share();
            _shares.Add(tenant, share);
        }

        if (share.Pending + share.Running == 0)
        {
            share.Clock = Math.Max(share.Clock, LeastActive());
        }

        share.Pending++;
    }

    /// <summary>The request left the queue.</summary>
    public void Leave(string tenant) => Drop(_shares[tenant], pending: 1, running: 0);

    /// <summary>A lease began.</summary>
    public void Begin(string tenant)
    {
        if (!_shares.TryGetValue(tenant, out var share))
        {
            share = new Share { Clock = LeastActive() };
            _shares.Add(tenant, share);
        }

        share.Running++;
    }

    /// <summary>A lease ended.</summary>
    public void End(string tenant, double seconds)
    {
        var share = _shares[tenant];
        share.Clock += seconds;
        ExpectedCost = (ExpectedCost * 0.95) + (seconds * 0.05);
        Drop(share, pending: 0, running: 1);
    }

    /// <summary>The tenant's clock, with what it has running counted in.</summary>
    public double ClockOf(string tenant) => _shares.TryGetValue(tenant, out var share) ? share.Clock + (share.Running * ExpectedCost) : 0;

    private void Drop(Share share, int pending, int running)
    {
        share.Pending -= pending;
        share.Running -= running;
        if (share.Pending + share.Running > 0)
        {
            return;
        }

        // Whoever is not ahead of those at work has nothing to be remembered for; when nobody is at work, nobody has.
        _forgotten.Clear();
        var least = LeastActive();
        foreach (var (name, other) in _shares)
        {
            if (other.Pending + other.Running == 0 && (other.Clock <= least || least == 0))
            {
                _forgotten.Add(name);
            }
        }

        foreach (var name in _forgotten)
        {
            _ = _shares.Remove(name);
        }
    }

    private double LeastActive()
    {
        var least = double.MaxValue;
        foreach (var share in _shares.Values)
        {
            if (share.Pending + share.Running > 0)
            {
                least = Math.Min(least, share.Clock);
            }
        }

        return least == double.MaxValue ? 0 : least;
    }

    private sealed class Share
    {
        public double Clock { get; set; }

        public int Pending { get; set; }

        public int Running { get; set; }
    }
}
