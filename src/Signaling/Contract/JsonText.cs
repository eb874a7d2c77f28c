namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>Small helps for text out of foreign JSON.</summary>
internal static class JsonText
{
    private const int MaxQuoted = 80;

    /// <summary>Cuts a foreign value to what a message for people can hold.</summary>
    internal static string Shorten(string text) => text.Length <= MaxQuoted ? text : string.Concat(text.AsSpan(0, MaxQuoted), "…");
}
