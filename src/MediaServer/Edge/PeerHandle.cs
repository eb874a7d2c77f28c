using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>A peer as the rest of the program uses it, from any thread. What it asks for happens on the loop that owns the peer.</summary>
public sealed class PeerHandle : IPeerLink
{
    private readonly UdpShard _shard;
    private readonly long _maxQueuedBytes;
    private readonly Lock _channelsLock = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChannelBacklog[] _channels = [];

    internal PeerHandle(UdpShard shard, string answerSdp, long maxQueuedBytes)
    {
        _shard = shard;
        AnswerSdp = answerSdp;
        _maxQueuedBytes = maxQueuedBytes;
    }

    /// <summary>The answer to the offer that made the peer.</summary>
    public string AnswerSdp { get; }

    /// <summary>Completes when the peer is gone.</summary>
    public Task Closed => _closed.Task;

    internal ShardPeer? Peer { get; set; }

    /// <summary>The channels that were sent on; replaced, never changed, so that the loop may read it at any time.</summary>
    internal ChannelBacklog[] Channels => Volatile.Read(ref _channels);

    /// <summary>Queues a message. It is delivered in order, later when the client reads slowly, unless the peer goes away.</summary>
    /// <param name="channelId">Data channel.</param>
    /// <param name="data">The message; it must not be changed any more.</param>
    /// <param name="isText">UTF-8 text, or binary.</param>
    /// <returns>False when too much is waiting on the channel already, or the peer is gone: nothing was queued.</returns>
    public bool TrySend(ushort channelId, ReadOnlyMemory<byte> data, bool isText)
    {
        var channel = Find(channelId) ?? Add(channelId);
        if (_closed.Task.IsCompleted || !channel.TryReserve(data.Length, _maxQueuedBytes))
        {
            return false;
        }

        _shard.PostSend(this, new OutgoingMessage(channel, data, isText));
        return true;
    }

    /// <summary>Bytes given to <see cref="TrySend"/> that have not left yet.</summary>
    public long BufferedAmount(ushort channelId) => Find(channelId)?.Total ?? 0;

    /// <summary>Answers a further offer of the same session: an ICE restart.</summary>
    /// <exception cref="SdpException">The offer cannot be answered or does not continue this session.</exception>
    /// <exception cref="InvalidOperationException">The peer is gone.</exception>
    public Task<string> RestartAsync(string offerSdp, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(offerSdp);
        return _shard.RunAsync(this, (peer, now) => peer.Machine.Restart(offerSdp), cancellationToken);
    }

    /// <inheritdoc/>
    async ValueTask<string> IPeerLink.RestartAsync(string sdp, CancellationToken cancellationToken)
    {
        try
        {
            return await RestartAsync(sdp, cancellationToken);
        }
        catch (SdpException e)
        {
            throw ContractException.InvalidRequest(e.Code, e.Message, "sdp");
        }
        catch (InvalidOperationException e)
        {
            throw ContractException.InvalidRequest(DoorErrorCodes.NoPeer, e.Message);
        }
    }

    /// <inheritdoc/>
    void IPeerLink.SendText(ushort channelId, byte[] utf8) => TrySend(channelId, utf8, isText: true);

    /// <summary>Asks for the peer's counts and estimates.</summary>
    /// <exception cref="InvalidOperationException">The peer is gone.</exception>
    public Task<PeerStats> GetStatsAsync(CancellationToken cancellationToken) => _shard.RunAsync(this, static (peer, now) => peer.Machine.Stats, cancellationToken);

    /// <summary>Closes the peer; the client is told. Repeated calls do nothing.</summary>
    public void Close() => _shard.PostClose(this);

    /// <summary>Closes the peer and waits until it is gone.</summary>
    public Task CloseAsync()
    {
        Close();
        return Closed;
    }

    internal void MarkClosed()
    {
        Peer = null;
        _ = _closed.TrySetResult();
    }

    private ChannelBacklog? Find(ushort channelId)
    {
        foreach (var channel in Channels)
        {
            if (channel.ChannelId == channelId)
            {
                return channel;
            }
        }

        return null;
    }

    private ChannelBacklog Add(ushort channelId)
    {
        lock (_channelsLock)
        {
            if (Find(channelId) is { } channel)
            {
                return channel;
            }

            channel = new ChannelBacklog(channelId);
            Volatile.Write(ref _channels, [.. _channels, channel]);
            return channel;
        }
    }
}
