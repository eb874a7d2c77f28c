using System.Collections.Concurrent;

namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>
/// Which of a session's queues is heard next. Packets go before PCM, except while a recording is handed in: it comes after all that was written before it, and what is
/// written meanwhile comes after it, packets and PCM alike. That may be much, so the queues take more then, and it is heard no faster than its text is found.
/// </summary>
internal sealed class AudioOrder(PacketBacklog packets, PcmBacklog pcm, TimeSpan besideFile)
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _usualPackets = packets.Limit;
    private readonly int _usualPcm = pcm.Limit;
    private readonly ConcurrentQueue<HandedFile> _files = new();
    private HandedFile? _heard;
    private long _heldPackets;
    private long _heldPcm;
    private bool _closed;

    /// <summary>Samples of recordings that wait.</summary>
    public long FileSamples
    {
        get
        {
            if (_files.IsEmpty)
            {
                return 0;
            }

            var sum = 0L;
            foreach (var file in _files)
            {
                sum += file.Queue.Count;
            }

            return sum;
        }
    }

    /// <summary>Whether all has been heard that was written, and no recording is under way.</summary>
    public bool IsDrained => _files.IsEmpty && packets.Read == packets.Written && pcm.Count == 0;

    /// <summary>Begins a recording.</summary>
    /// <param name="changed">Called when more of it is there, and when it is over.</param>
    public IHandedFile Begin(Action changed)
    {
        lock (_lock)
        {
            var file = new HandedFile(packets.Written, pcm.Written, _usualPcm, changed);
            if (_closed)
            {
                file.Queue.Close();
                return file;
            }

            _files.Enqueue(file);
            packets.Limit = besideFile;
            pcm.Limit = Samples(besideFile);
            return file;
        }
    }

    /// <summary>Lets whoever writes a recording go; nothing more is taken in.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var file in _files)
            {
                file.Queue.Close();
            }
        }
    }

    /// <summary>Says what is heard next.</summary>
    /// <param name="wantsMore">Whether audio that waited may come already.</param>
    /// <param name="isClosing">Whether nothing more is written.</param>
    public NextAudio Next(bool wantsMore, bool isClosing)
    {
        if (_files.TryPeek(out var file) && packets.Read >= file.PacketsBefore && pcm.Read >= file.PcmBefore)
        {
            return NextOf(file, wantsMore, isClosing);
        }

        if (_heldPackets + _heldPcm > 0 && packets.Read >= _heldPackets && pcm.Read >= _heldPcm)
        {
            Release();
        }

        if (packets.Read < Math.Min(packets.Written, file?.PacketsBefore ?? long.MaxValue))
        {
            return wantsMore || packets.Read >= _heldPackets ? NextAudio.Packet : NextAudio.None;
        }

        return wantsMore && pcm.Read < Math.Min(pcm.Written, file?.PcmBefore ?? long.MaxValue) ? NextAudio.Pcm : NextAudio.None;
    }

    /// <summary>Reads PCM, or the recording where it is that one's turn; no further than to where the other begins.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="until">Live sample before which to stop, because a command comes there.</param>
    /// <returns>Samples read.</returns>
    public int ReadPcm(Span<float> buffer, long until)
    {
        if (_heard is { } file)
        {
            return file.Queue.TryRead(buffer);
        }

        var end = _files.TryPeek(out var next) ? Math.Min(until, next.PcmBefore) : until;
        return pcm.TryRead(buffer[..(int)Math.Clamp(end - pcm.Read, 0, buffer.Length)]);
    }

    private NextAudio NextOf(HandedFile file, bool wantsMore, bool isClosing)
    {
        if (_heard is null)
        {
            _heard = file;
            return NextAudio.Border;
        }

        // Asked before the queue is looked at: what was written before the end is in it then.
        var isOver = file.IsOver || isClosing;
        if (file.Queue.Count > 0)
        {
            return wantsMore ? NextAudio.Pcm : NextAudio.None;
        }

        if (!isOver)
        {
            return NextAudio.None;
        }

        _heard = null;
        _ = _files.TryDequeue(out _);
        _heldPackets = packets.Written;
        _heldPcm = pcm.Written;
        return NextAudio.Border;
    }

    private void Release()
    {
        lock (_lock)
        {
            (_heldPackets, _heldPcm) = (0, 0);
            packets.Limit = _files.IsEmpty ? _usualPackets : besideFile;
            pcm.Limit = _files.IsEmpty ? _usualPcm : Samples(besideFile);
        }
    }

    private static int Samples(TimeSpan span) => (int)(span.TotalSeconds * OpusDecoder.SampleRate);

    private sealed class HandedFile(long packetsBefore, long pcmBefore, int limit, Action changed) : IHandedFile
    {
        private volatile bool _isOver;

        public PcmBacklog Queue { get; } = new(limit);

        public long PacketsBefore => packetsBefore;

        public long PcmBefore => pcmBefore;

        public bool IsOver => _isOver;

        public ValueTask WritePcmAsync(ReadOnlyMemory<float> samples, CancellationToken cancellationToken) => Queue.WriteAsync(samples, changed, cancellationToken);

        public void Dispose()
        {
            _isOver = true;
            changed();
        }
    }
}

/// <summary>What is heard next.</summary>
internal enum NextAudio
{
    /// <summary>Nothing, or not yet.</summary>
    None,

    /// <summary>A packet.</summary>
    Packet,

    /// <summary>Samples, live or of a recording.</summary>
    Pcm,

    /// <summary>A recording begins or ends here.</summary>
    Border,
}
