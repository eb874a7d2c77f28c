namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>One <c>a=</c> line.</summary>
/// <param name="Name">What stands before the colon.</param>
/// <param name="Value">What stands behind it; empty for a flag.</param>
public readonly record struct SdpAttributeLine(string Name, string Value);
