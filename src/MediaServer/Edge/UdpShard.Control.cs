using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Edge;

// What other threads ask of the loop.
public sealed partial class UdpShard
{
    /// <summary>Makes a peer that answers an offer.</summary>
    /// <param name="offerSdp">The offer.</param>
    /// <param name="owner">Hears from the peer, possibly before this method has returned.</param>
    /// <param name="cancellationToken">Gives up; a peer that was made meanwhile is closed.</param>
    /// <exception cref="WebRtc.Sdp.SdpException">The offer cannot be answered.</exception>
    /// <exception cref="EdgeFullException">There are too many peers.</exception>
    public async Task<PeerHandle> AcceptAsync(string offerSdp, IPeerListener owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        cancellationToken.ThrowIfCancellationRequested();
        if (PeerCount >= _options.MaxPeers)
        {
            throw new EdgeFullException(_options.MaxPeers);
        }

        // The offer is read here, on the caller's thread: a large one must not hold up everybody's audio.
        var machine = Peer.Accept(offerSdp, _peerOptions, _certificate, Now);
        var handle = new PeerHandle(this, machine.AnswerSdp, _options.MaxQueuedBytes);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(now =>
        {
            if (_isStopping)
            {
                machine.Dispose();
                handle.MarkClosed();
                _ = entered.TrySetException(new ObjectDisposedException(nameof(UdpShard)));
                return;
            }

            var peer = new ShardPeer(machine, owner, handle);
            handle.Peer = peer;
            _peers.Add(peer);
            Volatile.Write(ref _peerCount, _peers.Count);
            Counters.Add(EdgeCounter.PeersOpened);
            Touch(peer);
            _ = entered.TrySetResult();
        });

        // Only an entered peer can be found by the checks that the answer calls forth.
        try
        {
            await entered.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            handle.Close();
            throw;
        }

        return handle;
    }

    internal void PostSend(PeerHandle handle, OutgoingMessage message) => Post(now =>
    {
        if (handle.Peer is not { } peer)
        {
            message.Channel.Release(message.Data.Length);
            return;
        }

        peer.Waiting.Enqueue(message);
        Touch(peer);
    });

    internal void PostClose(PeerHandle handle) => Post(now =>
    {
        if (handle.Peer is { } peer)
        {
            CloseNow(peer, now);
        }
    });

    internal Task<T> RunAsync<T>(PeerHandle handle, Func<ShardPeer, long, T> action, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(now =>
        {
            if (handle.Peer is not { } peer)
            {
                _ = done.TrySetException(new InvalidOperationException("The connection is closed; begin a new session."));
                return;
            }

            try
            {
                var result = action(peer, now);
                _peers.RefreshUfrags(peer);
                Touch(peer);
                _ = done.TrySetResult(result);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                _ = done.TrySetException(e);
            }
        });
        return done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Runs something on the loop.</summary>
    internal void Post(Action<long> action)
    {
        _control.Enqueue(action);
        _wake.Signal();
        if (_isStopping)
        {
            // The loop may have looked for the last time already.
            RunLeftOver();
        }
    }

    private void RunControl()
    {
        var now = Now;
        var count = _control.Count;
        while (count-- > 0 && _control.TryDequeue(out var action))
        {
            RunSafely(action, now);
        }

        DrainTouched(now);
    }

    private void RunLeftOver()
    {
        if (Thread.CurrentThread == _thread || !_thread.Join(TimeSpan.FromSeconds(5)))
        {
            return;
        }

        while (_control.TryDequeue(out var action))
        {
            RunSafely(action, Now);
        }
    }

    // An exception that left the loop's thread would end the process, and with it everybody's session.
    private void RunSafely(Action<long> action, long now)
    {
        try
        {
            action(now);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Counters.Add(EdgeCounter.PeerFaults);
            LogControlFault(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What another thread asked of the network loop failed; the loop goes on.")]
    private partial void LogControlFault(Exception exception);
}
