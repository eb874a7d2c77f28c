namespace AsrHub.Rtc.WebRtc.Jitter;

/// <summary>One packet that waits, or the memory for one.</summary>
internal sealed class JitterSlot
{
    /// <summary>More than one datagram on a network with the usual 1,500-byte frames can carry.</summary>
    public const int MaxPayloadLength = 1500;

    private readonly byte[] _memory = new byte[MaxPayloadLength];
    private int _length;

    public uint Timestamp { get; private set; }

    public long ArrivedAt { get; private set; }

    public bool IsEmpty => _length == 0;

    public int LostBefore { get; set; }

    public bool IsNewStream { get; set; }

    public ReadOnlyMemory<byte> Payload => _memory.AsMemory(0, _length);

    public void Fill(uint timestamp, ReadOnlySpan<byte> payload, long now)
    {
        Timestamp = timestamp;
        ArrivedAt = now;
        _length = payload.Length;
        payload.CopyTo(_memory);
    }
}
