namespace AsrHub.Rtc.WebRtc.Ice;

/// <summary>A bounded ring of STUN responses. Its buffers are made on first use and kept.</summary>
internal sealed class IceResponseQueue
{
    public const int Capacity = 8;

    /// <summary>Longest response: header 20, XOR-MAPPED-ADDRESS 24 or errors with up to 8 unknown types, integrity 24, fingerprint 8.</summary>
    public const int BufferLength = 128;

    private readonly byte[]?[] _buffers = new byte[Capacity][];
    private readonly int[] _lengths = new int[Capacity];
    private readonly TransportPath[] _paths = new TransportPath[Capacity];
    private int _head;
    private int _count;

    public bool IsFull => _count == Capacity;

    public Span<byte> Rent() => _buffers[(_head + _count) % Capacity] ??= new byte[BufferLength];

    public void Commit(int length, TransportPath path)
    {
        var slot = (_head + _count) % Capacity;
        _lengths[slot] = length;
        _paths[slot] = path;
        _count++;
    }

    public bool TryTake(out Datagram datagram)
    {
        if (_count == 0)
        {
            datagram = default;
            return false;
        }

        datagram = new Datagram(_buffers[_head].AsMemory(0, _lengths[_head]), _paths[_head]);
        _head = (_head + 1) % Capacity;
        _count--;
        return true;
    }
}
