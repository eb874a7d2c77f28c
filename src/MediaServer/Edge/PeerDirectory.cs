using System.Text;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Ice;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>
/// Finds the peer of a datagram: STUN by ufrag, all else by a path that STUN has proved. Strangers leave nothing here: a path is entered only after
/// MESSAGE-INTEGRITY, and a newly proved peer takes a path over from an older one (a NAT may give its port to somebody else).
/// </summary>
internal sealed class PeerDirectory
{
    // A peer itself knows eight; the rest of these are some that it has forgotten and that are not yet swept out.
    private const int MaxPathsBeforeSweep = 16;

    private readonly Dictionary<ulong, ShardPeer> _byUfrag = [];
    private readonly Dictionary<TransportPath, ShardPeer> _byPath = [];
    private readonly HashSet<ShardPeer> _all = [];

    public int Count => _all.Count;

    /// <summary>How many paths are entered, for tests of boundedness.</summary>
    public int PathCount => _byPath.Count;

    public IReadOnlyCollection<ShardPeer> All => _all;

    public ShardPeer? FindByUfrag(ReadOnlySpan<byte> ufrag) =>
        IceDemux.TryGetKey(ufrag, out var key) && _byUfrag.TryGetValue(key, out var peer) ? peer : null;

    public ShardPeer? FindByPath(TransportPath path) => _byPath.TryGetValue(path, out var peer) ? peer : null;

    public void Add(ShardPeer peer)
    {
        _ = _all.Add(peer);
        RefreshUfrags(peer);
    }

    public void Remove(ShardPeer peer)
    {
        _ = _all.Remove(peer);
        RemoveUfrag(peer.UfragKey, peer);
        RemoveUfrag(peer.PreviousUfragKey, peer);
        foreach (var path in peer.Paths)
        {
            RemovePath(path, peer);
        }

        peer.Paths.Clear();
    }

    /// <summary>Follows the peer's credentials through a restart.</summary>
    public void RefreshUfrags(ShardPeer peer)
    {
        var current = KeyOf(peer.Machine.LocalUfrag);
        var previous = peer.Machine.PreviousLocalUfrag is { } text ? KeyOf(text) : 0;
        if (current == peer.UfragKey && previous == peer.PreviousUfragKey)
        {
            return;
        }

        RemoveUfrag(peer.UfragKey, peer);
        RemoveUfrag(peer.PreviousUfragKey, peer);
        peer.UfragKey = current;
        peer.PreviousUfragKey = previous;
        _byUfrag[current] = peer;
        if (previous != 0)
        {
            _byUfrag[previous] = peer;
        }
    }

    /// <summary>Enters a path that an authenticated check has just proved.</summary>
    public void Prove(ShardPeer peer, TransportPath path)
    {
        if (_byPath.TryGetValue(path, out var before))
        {
            if (ReferenceEquals(before, peer))
            {
                return;
            }

            _ = before.Paths.Remove(path);
        }

        _byPath[path] = peer;
        peer.Paths.Add(path);
        if (peer.Paths.Count > MaxPathsBeforeSweep)
        {
            Sweep(peer);
        }
    }

    private void Sweep(ShardPeer peer)
    {
        for (var i = peer.Paths.Count - 1; i >= 0; i--)
        {
            if (!peer.Machine.IsProved(peer.Paths[i]))
            {
                RemovePath(peer.Paths[i], peer);
                peer.Paths.RemoveAt(i);
            }
        }
    }

    private void RemovePath(TransportPath path, ShardPeer peer)
    {
        if (_byPath.TryGetValue(path, out var holder) && ReferenceEquals(holder, peer))
        {
            _ = _byPath.Remove(path);
        }
    }

    private void RemoveUfrag(ulong key, ShardPeer peer)
    {
        if (key != 0 && _byUfrag.TryGetValue(key, out var holder) && ReferenceEquals(holder, peer))
        {
            _ = _byUfrag.Remove(key);
        }
    }

    private static ulong KeyOf(string ufrag)
    {
        Span<byte> bytes = stackalloc byte[IceCredentials.LocalUfragLength];
        _ = Encoding.ASCII.GetBytes(ufrag, bytes);
        return IceDemux.TryGetKey(bytes, out var key) ? key : 0;
    }
}
