using AsrHub.Rtc.Signaling.Ice;

namespace AsrHub.Rtc.Signaling.Tests.Ice;

public sealed class TurnCredentialsTests
{
    [Fact]
    public void Password_is_what_openssl_makes_of_the_name()
    {
        // printf '1700000000:sess_abc' | openssl dgst -sha1 -hmac north -binary | base64
        var credentials = TurnCredentials.Create("north", "sess_abc", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
        Assert.Equal("1700000000:sess_abc", credentials.UserName);
        Assert.Equal("fEInpoiCqzFz9FPOLgoxsEJHN4g=", credentials.Password);
    }
}
