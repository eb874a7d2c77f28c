using System.Buffers;
using System.Security.Cryptography;

namespace AsrHub.Rtc.WebRtc.Ice;

/// <summary>A user name fragment and password of one ICE agent (RFC 8445 s5.3).</summary>
/// <param name="Ufrag">4 to 256 ice-chars.</param>
/// <param name="Password">22 to 256 ice-chars.</param>
public sealed record IceCredentials(string Ufrag, string Password)
{
    /// <summary>Length of the ufrags made here. Eight ASCII bytes are one 64-bit key to whoever looks peers up by ufrag.</summary>
    public const int LocalUfragLength = 8;

    /// <summary>How many shards a ufrag can name.</summary>
    public const int MaxShards = 64;

    private const int LocalPasswordLength = 24;

    // ice-char = ALPHA / DIGIT / "+" / "/" (RFC 8839 s5.4): 64 characters, so six random bits make one without bias.
    private const string IceChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    // A few stacks put other marks into their fragments; these are harmless in a USERNAME, a colon or a space is not.
    private static readonly SearchValues<char> Tolerated = SearchValues.Create(IceChars + "-_=");

    /// <summary>
    /// Makes credentials from the system's random generator: 42 random bits of ufrag (RFC 8445 s5.3 wants 24) and 144 of password (it wants 128).
    /// </summary>
    /// <param name="shard">0 to 63, kept in the ufrag's first character so that a datagram tells which shard owns its peer.</param>
    public static IceCredentials Create(int shard = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, MaxShards);
        Span<char> ufrag = stackalloc char[LocalUfragLength];
        RandomNumberGenerator.GetItems(IceChars, ufrag);
        ufrag[0] = IceChars[shard];
        return new IceCredentials(new string(ufrag), RandomNumberGenerator.GetString(IceChars, LocalPasswordLength));
    }

    /// <summary>True for 4 to 256 ice-chars (RFC 8839 s5.4).</summary>
    public static bool IsValidUfrag(ReadOnlySpan<char> ufrag) => ufrag.Length is >= 4 and <= 256 && IsAllIceChars(ufrag);

    /// <summary>True for 22 to 256 ice-chars (RFC 8839 s5.4).</summary>
    public static bool IsValidPassword(ReadOnlySpan<char> password) => password.Length is >= 22 and <= 256 && IsAllIceChars(password);

    /// <summary>Does not print the password.</summary>
    public override string ToString() => $"IceCredentials {{ Ufrag = {Ufrag} }}";

    private static bool IsAllIceChars(ReadOnlySpan<char> text) =>
        text.IndexOfAnyExcept(Tolerated) < 0;
}
