namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>An offer that cannot be answered. <see cref="Code"/> is stable; the message says what was wrong, with the value, and what to do.</summary>
public sealed class SdpException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="code">One of <see cref="SdpErrorCodes"/>.</param>
    /// <param name="message">For people.</param>
    public SdpException(string code, string message)
        : base(message) => Code = code;

    /// <summary>One of <see cref="SdpErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>A value from outside as it may stand in a message: short, and without control characters.</summary>
    internal static string Quote(ReadOnlySpan<char> value)
    {
        const int Longest = 48;
        var shown = value[..Math.Min(value.Length, Longest)].ToArray();
        for (var i = 0; i < shown.Length; i++)
        {
            if (char.IsControl(shown[i]) || char.IsSurrogate(shown[i]))
            {
                shown[i] = '?';
            }
        }

        return value.Length > Longest ? $"\"{new string(shown)}...\"" : $"\"{new string(shown)}\"";
    }
}
