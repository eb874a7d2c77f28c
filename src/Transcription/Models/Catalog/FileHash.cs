namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>Hashes as sources write them: a source's word is believed only where it has the form of one.</summary>
public static class FileHash
{
    private const int Sha256Digits = 64;
    private const int Sha1Digits = 40;

    /// <summary>Whether a text is a SHA-256 in hexadecimal.</summary>
    /// <param name="text">The text.</param>
    public static bool IsSha256(string? text) => text is { Length: Sha256Digits } && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether a text is a SHA-1, Git's, in hexadecimal.</summary>
    /// <param name="text">The text.</param>
    public static bool IsSha1(string? text) => text is { Length: Sha1Digits } && text.All(char.IsAsciiHexDigit);
}
