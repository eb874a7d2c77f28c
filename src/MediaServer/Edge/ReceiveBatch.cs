using System.Runtime.InteropServices;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>
/// Receives up to <see cref="Capacity"/> datagrams in one system call into one pinned slab, in the order they came. Nothing is allocated after
/// construction; what was received is good until the next call.
/// </summary>
internal sealed unsafe class ReceiveBatch
{
    public const int Capacity = 32;

    /// <summary>Datagrams above 1,500 bytes happen; what does not fit is seen as cut off and dropped.</summary>
    public const int SlotLength = 2048;

    private const int NameLength = 32;

    private readonly byte[] _slab = GC.AllocateArray<byte>(Capacity * SlotLength, pinned: true);
    private readonly byte[] _names = GC.AllocateArray<byte>(Capacity * NameLength, pinned: true);
    private readonly nint[] _vectors = GC.AllocateArray<nint>(Capacity * sizeof(LibC.IoVector) / sizeof(nint), pinned: true);
    private readonly byte[] _messages = GC.AllocateArray<byte>(Capacity * sizeof(LibC.MultiMessage), pinned: true);
    private readonly LibC.MultiMessage* _message;

    public ReceiveBatch()
    {
        var slab = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_slab, 0);
        var names = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_names, 0);
        var vectors = (LibC.IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, 0);
        _message = (LibC.MultiMessage*)Marshal.UnsafeAddrOfPinnedArrayElement(_messages, 0);
        for (var i = 0; i < Capacity; i++)
        {
            vectors[i] = new LibC.IoVector { Base = slab + (i * SlotLength), Length = SlotLength };
            _message[i] = new LibC.MultiMessage
            {
                Header = new LibC.MessageHeader { Name = names + (i * NameLength), NameLength = NameLength, Vectors = vectors + i, VectorCount = 1 },
            };
        }
    }

    /// <summary>Takes what is there without waiting.</summary>
    /// <returns>The number of datagrams, or a negative error number.</returns>
    public int Receive(int socket)
    {
        for (var i = 0; i < Capacity; i++)
        {
            _message[i].Header.NameLength = NameLength;
            _message[i].Header.Flags = 0;
        }

        var count = LibC.ReceiveMany(socket, _message, Capacity, LibC.MSG_DONTWAIT, null);
        return count >= 0 ? count : -Marshal.GetLastPInvokeError();
    }

    public bool IsTruncated(int index) => (_message[index].Header.Flags & LibC.MSG_TRUNC) != 0;

    public Span<byte> Data(int index) => _slab.AsSpan(index * SlotLength, (int)Math.Min(_message[index].Length, SlotLength));

    public bool TryGetSender(int index, out TransportAddress sender) =>
        SocketAddressBytes.TryRead(_names.AsSpan(index * NameLength, (int)Math.Min(_message[index].Header.NameLength, NameLength)), out sender);
}
