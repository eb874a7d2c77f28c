using System.Collections.Concurrent;

namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>
/// Which of a session's two queues is heard next. Packets go before PCM, except while a recording is handed in: it comes after all that was written before it, and the
/// packets that are written meanwhile come after it. They may be many, so the queue takes more then, and they are heard no faster than their text is found.
/// </summary>
internal sealed class AudioOrder(PacketBacklog packets, PcmBacklog pcm, TimeSpan besideFile)
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _usual = packets.Limit;
    private readonly ConcurrentQueue<HandedFile> _files = new();
    private long _held;

    /// <summary>Begins a recording: what is written as PCM until the result is disposed of.</summary>
    /// <param name="ended">Called when it is over.</param>
    public IDisposable Begin(Action ended)
    {
        lock (_lock)
        {
            var file = new HandedFile(packets.Written, pcm, ended);
            _files.Enqueue(file);
            packets.Limit = besideFile;
            return file;
        }
    }

    /// <summary>Reads the oldest packet, if it is a packet's turn.</summary>
    /// <param name="buffer">Room for <see cref="PacketBacklog.MaxPacketBytes"/>.</param>
    /// <param name="wantsMore">Whether audio that waited may come already.</param>
    /// <param name="isClosing">Whether nothing more is written.</param>
    /// <param name="audio">The packet.</param>
    public bool TryReadPacket(Span<byte> buffer, bool wantsMore, bool isClosing, out EncodedAudio audio)
    {
        while (_files.TryPeek(out var file) && packets.Read >= file.PacketsBefore)
        {
            if (pcm.Read < (isClosing ? pcm.Written : file.End))
            {
                audio = default;
                return false;
            }

            _ = _files.TryDequeue(out _);
            _held = packets.Written;
        }

        if (_held > 0 && packets.Read >= _held)
        {
            Release();
        }

        if (packets.Read < _held && !wantsMore)
        {
            audio = default;
            return false;
        }

        return packets.TryRead(buffer, out audio);
    }

    private void Release()
    {
        lock (_lock)
        {
            _held = 0;
            packets.Limit = _files.IsEmpty ? _usual : besideFile;
        }
    }

    private sealed class HandedFile(long packetsBefore, PcmBacklog pcm, Action ended) : IDisposable
    {
        private long _end = long.MaxValue;

        public long PacketsBefore => packetsBefore;

        /// <summary>The last sample's place in its queue; as far as can be while more may come.</summary>
        public long End => Volatile.Read(ref _end);

        public void Dispose()
        {
            Volatile.Write(ref _end, pcm.Written);
            ended();
        }
    }
}
