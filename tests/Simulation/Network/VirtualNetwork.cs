namespace AsrHub.Rtc.Simulation.Tests.Network;

/// <summary>Ends of the virtual network.</summary>
public enum NetworkEnd
{
    Client,
    Server,
}

/// <summary>A datagram under way.</summary>
/// <param name="To">The end it is going to.</param>
/// <param name="From">Address it came from, as the receiver will see it.</param>
/// <param name="Destination">Address it was sent to.</param>
/// <param name="Data">Its bytes.</param>
/// <param name="Number">How many were sent to the same end before it.</param>
public sealed record VirtualDatagram(NetworkEnd To, TransportAddress From, TransportAddress Destination, byte[] Data, int Number);

/// <summary>
/// A seeded network between two ends in virtual time: the same seed gives the same fates. <see cref="Filter"/> decides before chance does.
/// </summary>
public sealed class VirtualNetwork(int seed, NetworkConditions conditions)
{
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<VirtualDatagram, (long At, long Order)> _underWay = new();
    private readonly int[] _sent = new int[2];
    private long _order;

    public int Seed => seed;

    public NetworkConditions Conditions { get; set; } = conditions;

    /// <summary>Returns false for a datagram that must vanish.</summary>
    public Func<VirtualDatagram, bool> Filter { get; set; } = static _ => true;

    /// <summary>Sees every datagram that is sent, whatever becomes of it.</summary>
    public Action<VirtualDatagram>? Tap { get; set; }

    public long NextDelivery => _underWay.TryPeek(out _, out var when) ? when.At : Micros.Never;

    public int SentTo(NetworkEnd end) => _sent[(int)end];

    public void Send(NetworkEnd to, TransportAddress from, TransportAddress destination, ReadOnlySpan<byte> data, long now)
    {
        var datagram = new VirtualDatagram(to, from, destination, data.ToArray(), _sent[(int)to]++);
        Tap?.Invoke(datagram);

        // Chance is drawn for every datagram, so that a filter does not change the fates of the others.
        var lost = _random.NextDouble() < Conditions.Loss;
        var twice = _random.NextDouble() < Conditions.Duplicate;
        var held = _random.NextDouble() < Conditions.Reorder;
        var delays = (First: Spread(), Second: Spread());
        if (lost || !Filter(datagram))
        {
            return;
        }

        var at = now + Conditions.Latency + (held ? Conditions.ReorderDelay : 0);
        _underWay.Enqueue(datagram, (at + delays.First, _order++));
        if (twice)
        {
            _underWay.Enqueue(datagram, (at + delays.Second, _order++));
        }
    }

    public bool TryReceive(long now, out VirtualDatagram datagram)
    {
        if (NextDelivery > now)
        {
            datagram = null!;
            return false;
        }

        datagram = _underWay.Dequeue();
        return true;
    }

    private long Spread() => Conditions.Jitter == 0 ? 0 : _random.NextInt64(Conditions.Jitter);
}
