namespace AsrHub.Rtc.WebRtc.Rtp;

/// <summary>The two layouts of header extension elements (RFC 8285 s4.2, s4.3).</summary>
internal static class RtpExtensionLayout
{
    public const ushort OneByte = 0xBEDE;
    public const ushort TwoByte = 0x1000;
    public const ushort TwoByteMask = 0xFFF0;
    public const int MaxOneByteId = 14;
    public const int MaxOneByteLength = 16;

    private const int StopId = 15;

    public static bool TryFindOneByte(ReadOnlySpan<byte> elements, int id, out ReadOnlySpan<byte> value)
    {
        while (!elements.IsEmpty)
        {
            var head = elements[0];
            if (head >> 4 == 0)
            {
                // Padding between elements. An id of 0 with a length is as good as padding, but its length is not to be trusted (RFC 8285 s4.2).
                elements = elements[1..];
                continue;
            }

            var length = (head & 0x0F) + 1;
            if (head >> 4 == StopId || elements.Length < 1 + length)
            {
                break;
            }

            if (head >> 4 == id)
            {
                value = elements.Slice(1, length);
                return true;
            }

            elements = elements[(1 + length)..];
        }

        value = default;
        return false;
    }

    public static bool TryFindTwoByte(ReadOnlySpan<byte> elements, int id, out ReadOnlySpan<byte> value)
    {
        while (!elements.IsEmpty)
        {
            if (elements[0] == 0)
            {
                elements = elements[1..];
                continue;
            }

            if (elements.Length < 2 || elements.Length < 2 + elements[1])
            {
                break;
            }

            if (elements[0] == id)
            {
                value = elements.Slice(2, elements[1]);
                return true;
            }

            elements = elements[(2 + elements[1])..];
        }

        value = default;
        return false;
    }
}
