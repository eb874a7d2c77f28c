using System.Security.Cryptography;
using System.Text;

namespace AsrHub.Rtc.Signaling.Ice;

/// <summary>
/// Ephemeral TURN credentials as coturn's <c>use-auth-secret</c> takes them (draft-uberti-behave-turn-rest-00): the name is
/// <c>expiry:user</c>, the password the base64 of HMAC-SHA1 over the name with the secret that both servers share.
/// </summary>
/// <param name="UserName">Unix time of expiry, a colon, and who it was made for.</param>
/// <param name="Password">Proof that the name is ours.</param>
public readonly record struct TurnCredentials(string UserName, string Password)
{
    /// <summary>Makes credentials.</summary>
    /// <param name="secret">coturn's <c>static-auth-secret</c>.</param>
    /// <param name="user">Whom they are for.</param>
    /// <param name="expires">When they stop working.</param>
    public static TurnCredentials Create(string secret, string user, DateTimeOffset expires)
    {
        var name = $"{expires.ToUnixTimeSeconds()}:{user}";
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The scheme that coturn and every other TURN server speaks fixes HMAC-SHA1.
        _ = HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(name), mac);
#pragma warning restore CA5350
        return new TurnCredentials(name, Convert.ToBase64String(mac));
    }
}
