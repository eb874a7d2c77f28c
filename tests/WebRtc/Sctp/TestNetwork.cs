namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>Two machines, a clock that only this class moves, and a link that loses, repeats and reorders by a seed.</summary>
internal sealed class TestNetwork(IEndpoint left, IEndpoint right, int seed = 1)
{
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<(bool ToRight, byte[] Packet), (long At, long Order)> _inTransit = new();
    private long _order;

    /// <summary>Chance that a packet is lost.</summary>
    public double Loss { get; set; }

    /// <summary>Chance that a packet arrives twice.</summary>
    public double Duplicates { get; set; }

    /// <summary>One way, in microseconds.</summary>
    public long Delay { get; set; } = 5 * Micros.Millisecond;

    /// <summary>Up to so much is added by chance, which reorders.</summary>
    public long Jitter { get; set; }

    /// <summary>Decides by the packet's number, counted from 0 over both directions, whether it is lost.</summary>
    public Func<int, bool>? Drops { get; set; }

    /// <summary>Sees every packet as it is sent.</summary>
    public Action<bool, byte[]>? Tap { get; set; }

    /// <summary>Packets sent so far.</summary>
    public int Sent { get; private set; }

    public long Now { get; private set; }

    /// <summary>Runs until the condition holds or the virtual time is over, and says whether it holds.</summary>
    public bool RunUntil(Func<bool> condition, long limit = 600 * Micros.Second)
    {
        var end = Now + limit;
        Flush();
        while (!condition())
        {
            var next = Math.Min(left.NextTimeout, right.NextTimeout);
            if (_inTransit.TryPeek(out _, out var due))
            {
                next = Math.Min(next, due.At);
            }

            if (next > end)
            {
                Now = end;
                return condition();
            }

            Now = Math.Max(Now, next);
            Step();
        }

        return true;
    }

    /// <summary>Runs until nothing is in transit and no timer is set.</summary>
    public bool RunUntilIdle(long limit = 600 * Micros.Second) => RunUntil(
        () => _inTransit.Count == 0 && left.NextTimeout == Micros.Never && right.NextTimeout == Micros.Never,
        limit);

    /// <summary>Lets time pass without anything to do in it.</summary>
    public void Advance(long time) => Now += time;

    private void Step()
    {
        while (_inTransit.TryPeek(out var packet, out var due) && due.At <= Now)
        {
            _ = _inTransit.Dequeue();
            (packet.ToRight ? right : left).Receive(packet.Packet, Now);
            Flush();
        }

        Tick(left);
        Tick(right);
        Flush();
    }

    private void Tick(IEndpoint endpoint)
    {
        if (endpoint.NextTimeout <= Now)
        {
            endpoint.OnTimeout(Now);
        }
    }

    private void Flush()
    {
        Flush(left, true);
        Flush(right, false);
        left.Collect();
        right.Collect();
        Flush(left, true);
        Flush(right, false);
    }

    private void Flush(IEndpoint from, bool toRight)
    {
        while (from.TryTransmit(out var packet))
        {
            var copy = packet.ToArray();
            Tap?.Invoke(toRight, copy);
            var number = Sent++;
            if (Drops?.Invoke(number) == true || _random.NextDouble() < Loss)
            {
                continue;
            }

            Carry(toRight, copy);
            if (_random.NextDouble() < Duplicates)
            {
                Carry(toRight, copy);
            }
        }
    }

    private void Carry(bool toRight, byte[] packet)
    {
        var at = Now + Delay + (Jitter > 0 ? _random.NextInt64(Jitter) : 0);
        _inTransit.Enqueue((toRight, packet), (at, _order++));
    }
}
