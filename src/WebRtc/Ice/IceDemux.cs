using System.Buffers.Binary;
using AsrHub.Rtc.WebRtc.Stun;

namespace AsrHub.Rtc.WebRtc.Ice;

/// <summary>What a shared UDP port needs to know of a datagram before it knows whose it is.</summary>
public static class IceDemux
{
    /// <summary>Finds the first half of USERNAME in a Binding request: the ufrag of the side that is asked (RFC 8445 s7.2.2). Nothing is proved by it.</summary>
    /// <param name="datagram">A whole datagram.</param>
    /// <param name="ufrag">Bytes of <paramref name="datagram"/>.</param>
    /// <returns>False when it is no well-formed Binding request with such a USERNAME.</returns>
    public static bool TryGetLocalUfrag(ReadOnlySpan<byte> datagram, out ReadOnlySpan<byte> ufrag)
    {
        ufrag = default;
        if (!StunMessage.TryParse(datagram, out var message)
            || message.Class != StunClass.Request
            || message.Method != StunMessage.BindingMethod
            || !message.TryGet(StunAttributeType.Username, out var username))
        {
            return false;
        }

        var colon = username.IndexOf((byte)':');
        if (colon <= 0)
        {
            return false;
        }

        ufrag = username[..colon];
        return true;
    }

    /// <summary>The 64-bit key of a ufrag that <see cref="IceCredentials.Create"/> made, for maps that must not allocate.</summary>
    /// <returns>False for ufrags of another length, which are none of ours.</returns>
    public static bool TryGetKey(ReadOnlySpan<byte> ufrag, out ulong key)
    {
        if (ufrag.Length != IceCredentials.LocalUfragLength)
        {
            key = 0;
            return false;
        }

        key = BinaryPrimitives.ReadUInt64BigEndian(ufrag);
        return true;
    }
}
