namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>
/// Makes messages of DATA chunks: joins fragments, and holds ordered messages until those before them on their stream have come
/// (RFC 9260 s6.5, s6.6, s6.9). Whole messages that may be delivered go straight to the event queue.
/// </summary>
internal sealed class Reassembler(SctpOptions options, EventQueue events, SctpCounters counters)
{
    /// <summary>Bookkeeping charged per held piece, so that tiny pieces do not hold more memory than the window says.</summary>
    private const int PieceOverhead = 64;

    private readonly Dictionary<ushort, InboundStream> _streams = [];
    private Dictionary<uint, FragmentRun>? _byFirst;
    private Dictionary<uint, FragmentRun>? _byLast;

    /// <summary>Bytes of incomplete or waiting messages, overhead included.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Takes in a chunk whose TSN is new.</summary>
    public void Accept(in DataHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.IsBeginning && header.IsEnd)
        {
            if (payload.Length > options.MaxReceiveMessageSize)
            {
                TooLarge(header.Stream);
                Complete(header, null);
            }
            else
            {
                Complete(header, payload.ToArray());
            }

            return;
        }

        var run = AddFragment(header, payload);
        if (!run.IsTooLarge && run.Length > options.MaxReceiveMessageSize)
        {
            HeldBytes -= Cost(run);
            run.GiveUp();
            TooLarge(header.Stream);
        }

        if (run.IsComplete)
        {
            Remove(run);
            Complete(run.First, run.IsTooLarge ? null : run.Assemble());
        }
    }

    /// <summary>The other side gave up everything up to this TSN (RFC 3758 s3.6): incomplete messages that reach back to it will not be completed.</summary>
    public void DropUpTo(uint tsn)
    {
        if (_byFirst is null || _byFirst.Count == 0)
        {
            return;
        }

        List<FragmentRun>? dropped = null;
        foreach (var run in _byFirst.Values)
        {
            if (!Serial.IsAfter(run.First.Tsn, tsn))
            {
                (dropped ??= []).Add(run);
            }
        }

        if (dropped is not null)
        {
            foreach (var run in dropped)
            {
                Remove(run);
            }
        }
    }

    /// <summary>The other side gave up ordered messages of this stream up to this number: what waits for them goes out.</summary>
    public void SkipSsn(ushort stream, ushort ssn)
    {
        var state = Stream(stream);
        if (Serial.IsAfter(state.NextSsn, ssn))
        {
            return;
        }

        if (state.Waiting is { } waiting)
        {
            var count = 0;
            while (count < waiting.Count && !Serial.IsAfter(waiting[count].Ssn, ssn))
            {
                Emit(waiting[count++]);
            }

            waiting.RemoveRange(0, count);
        }

        state.NextSsn = (ushort)(ssn + 1);
        DeliverWaiting(state);
    }

    /// <summary>The other side begins this stream anew (RFC 6525 s5.2.2).</summary>
    public void ResetStream(ushort stream)
    {
        if (_streams.Remove(stream, out var state) && state.Waiting is { } waiting)
        {
            foreach (var held in waiting)
            {
                HeldBytes -= Cost(held);
            }
        }
    }

    /// <summary>All streams begin anew.</summary>
    public void ResetAllStreams()
    {
        foreach (var stream in _streams.Keys.ToArray())
        {
            ResetStream(stream);
        }
    }

    private FragmentRun AddFragment(in DataHeader header, ReadOnlySpan<byte> payload)
    {
        _byFirst ??= [];
        _byLast ??= [];
        if (_byLast.TryGetValue(header.Tsn - 1, out var run) && run.IsContinuedBy(header))
        {
            _ = _byLast.Remove(run.LastTsn);
            HeldBytes -= Cost(run);
            run.AddLast(header, payload);
            if (_byFirst.TryGetValue(header.Tsn + 1, out var next) && !run.HasEnd && run.IsContinuedBy(next.First))
            {
                Remove(next);
                run.Join(next);
            }

            _byLast.Add(run.LastTsn, run);
            HeldBytes += Cost(run);
            return run;
        }

        if (_byFirst.TryGetValue(header.Tsn + 1, out run) && run.Continues(header))
        {
            _ = _byFirst.Remove(run.First.Tsn);
            HeldBytes -= Cost(run);
            run.AddFirst(header, payload);
        }
        else
        {
            run = new FragmentRun(header, payload);
            _byLast.Add(run.LastTsn, run);
        }

        _byFirst.Add(run.First.Tsn, run);
        HeldBytes += Cost(run);
        return run;
    }

    private void Remove(FragmentRun run)
    {
        _ = _byFirst!.Remove(run.First.Tsn);
        _ = _byLast!.Remove(run.LastTsn);
        HeldBytes -= Cost(run);
        if (_byFirst.Count == 0)
        {
            // Most associations never see a fragment; those that did need not keep the tables.
            _byFirst = null;
            _byLast = null;
        }
    }

    /// <param name="header">First chunk of the message.</param>
    /// <param name="data">Null when it was too large: nothing is delivered, but its number counts.</param>
    private void Complete(in DataHeader header, byte[]? data)
    {
        var held = new Held(header.Stream, header.Ssn, header.Ppid, data);
        if (header.IsUnordered)
        {
            Emit(held);
            return;
        }

        var state = Stream(header.Stream);
        if (header.Ssn == state.NextSsn)
        {
            Emit(held);
            state.NextSsn++;
            DeliverWaiting(state);
        }
        else if (!Serial.IsAfter(header.Ssn, state.NextSsn) || !state.TryHold(held))
        {
            counters.Drop(SctpDropReason.Stale);
        }
        else
        {
            HeldBytes += Cost(held);
        }
    }

    private void DeliverWaiting(InboundStream state)
    {
        if (state.Waiting is not { Count: > 0 } waiting)
        {
            return;
        }

        var count = 0;
        while (count < waiting.Count && waiting[count].Ssn == state.NextSsn)
        {
            Emit(waiting[count++]);
            state.NextSsn++;
        }

        waiting.RemoveRange(0, count);
    }

    private void Emit(in Held held)
    {
        if (held.IsWaiting)
        {
            HeldBytes -= Cost(held);
        }

        if (held.Data is { } data)
        {
            counters.MessagesReceived++;
            events.Add(new SctpEvent(SctpEventKind.Message, held.Stream, held.Ppid, data));
        }
    }

    private void TooLarge(ushort stream)
    {
        counters.Drop(SctpDropReason.MessageTooLarge);
        events.Add(new SctpEvent(SctpEventKind.MessageTooLarge, stream, 0, default));
    }

    private InboundStream Stream(ushort id)
    {
        if (!_streams.TryGetValue(id, out var state))
        {
            state = new InboundStream();
            _streams.Add(id, state);
        }

        return state;
    }

    private static long Cost(FragmentRun run) => PieceOverhead + (run.IsTooLarge ? 0 : run.Length + ((long)PieceOverhead * run.Fragments));

    private static long Cost(in Held held) => PieceOverhead + (held.Data?.Length ?? 0);

    /// <summary>A whole message; <see cref="IsWaiting"/> once its bytes are counted as held.</summary>
    private readonly record struct Held(ushort Stream, ushort Ssn, uint Ppid, byte[]? Data, bool IsWaiting = false);

    private sealed class InboundStream
    {
        public ushort NextSsn { get; set; }

        /// <summary>Messages that came too early, by number; null while there never was one.</summary>
        public List<Held>? Waiting { get; private set; }

        public bool TryHold(in Held held)
        {
            Waiting ??= [];
            var index = Waiting.Count;
            while (index > 0 && Serial.IsAfter(Waiting[index - 1].Ssn, held.Ssn))
            {
                index--;
            }

            if (index > 0 && Waiting[index - 1].Ssn == held.Ssn)
            {
                return false;
            }

            Waiting.Insert(index, held with { IsWaiting = true });
            return true;
        }
    }
}
