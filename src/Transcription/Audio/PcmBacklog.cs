namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>PCM on its way to a session. The writer waits while it is full, so a file goes no faster than the recognizers. One writer, one reader.</summary>
public sealed class PcmBacklog
{
    private const int SmallSamples = 4096;
    private readonly Lock _lock = new();
    private readonly int _usual;
    private int _limit;
    private float[] _ring = [];
    private int _first;
    private int _count;
    private long _written;
    private long _read;
    private bool _closed;
    private TaskCompletionSource? _space;

    /// <summary>Makes a queue.</summary>
    /// <param name="limitSamples">How many samples it holds.</param>
    public PcmBacklog(int limitSamples)
    {
        _usual = limitSamples;
        _limit = limitSamples;
    }

    /// <summary>How many samples it holds; what is already in stays in where this becomes less.</summary>
    public int Limit
    {
        get => Volatile.Read(ref _limit);
        set => Volatile.Write(ref _limit, value);
    }

    /// <summary>Samples ever written.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Samples ever read.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>Samples that wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Copies in as much as there is room for.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="wait">What to wait for before the rest is tried; null when all is in or the queue is closed.</param>
    /// <returns>Samples taken; all of them when the queue is closed, for they go nowhere.</returns>
    public int Write(ReadOnlySpan<float> samples, out Task? wait)
    {
        wait = null;
        lock (_lock)
        {
            if (_closed)
            {
                return samples.Length;
            }

            var taken = Math.Clamp(_limit - _count, 0, samples.Length);
            Fit(_count + taken);
            var at = (_first + _count) % Math.Max(1, _ring.Length);
            var toEnd = Math.Min(taken, _ring.Length - at);
            samples[..toEnd].CopyTo(_ring.AsSpan(at));
            samples[toEnd..taken].CopyTo(_ring);
            Volatile.Write(ref _count, _count + taken);
            Volatile.Write(ref _written, _written + taken);
            if (taken < samples.Length)
            {
                _space ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _space.Task;
            }

            return taken;
        }
    }

    /// <summary>Copies all in, waiting for room.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="written">Called after each copy.</param>
    /// <param name="cancellationToken">Stops waiting; the rest is left out.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<float> samples, Action written, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(written);
        while (!samples.IsEmpty)
        {
            var taken = Write(samples.Span, out var wait);
            samples = samples[taken..];
            written();
            if (wait is not null)
            {
                await wait.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Copies out what there is, up to the buffer's length.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <returns>Samples read.</returns>
    public int TryRead(Span<float> buffer)
    {
        TaskCompletionSource? space;
        int taken;
        lock (_lock)
        {
            taken = Math.Min(buffer.Length, _count);
            var toEnd = Math.Min(taken, _ring.Length - _first);
            _ring.AsSpan(_first, toEnd).CopyTo(buffer);
            _ring.AsSpan(0, taken - toEnd).CopyTo(buffer[toEnd..]);
            Volatile.Write(ref _count, _count - taken);
            Volatile.Write(ref _read, _read + taken);
            _first = _count == 0 ? 0 : (_first + taken) % _ring.Length;
            if (_count == 0 && _ring.Length > 2 * Math.Max(_usual, SmallSamples))
            {
                // Minutes of it have waited beside a recording; that does not happen every day.
                _ring = [];
            }

            space = taken > 0 ? _space : null;
            if (space is not null)
            {
                _space = null;
            }
        }

        space?.SetResult();
        return taken;
    }

    /// <summary>Takes nothing more in and lets a waiting writer go.</summary>
    public void Close()
    {
        TaskCompletionSource? space;
        lock (_lock)
        {
            _closed = true;
            space = _space;
            _space = null;
        }

        space?.SetResult();
    }

    private void Fit(int count)
    {
        if (count <= _ring.Length)
        {
            return;
        }

        var size = Math.Max(SmallSamples, _ring.Length);
        while (size < count)
        {
            size *= 2;
        }

        var ring = new float[size];
        var toEnd = Math.Min(_count, _ring.Length - _first);
        _ring.AsSpan(_first, toEnd).CopyTo(ring);
        _ring.AsSpan(0, _count - toEnd).CopyTo(ring.AsSpan(toEnd));
        _ring = ring;
        _first = 0;
    }
}
