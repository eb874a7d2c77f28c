using System.Net;
using AsrHub.Rtc.Signaling.Access;
using Microsoft.AspNetCore.Http;

namespace AsrHub.Rtc.Signaling.Tests.Access;

public sealed class AccessGateTests
{
    private readonly AccessGate _gate = new(new AccessOptions { Keys = ["key-number-one-1234", "key-number-two-1234"] });

    [Theory]
    [InlineData("localhost:8080", "http://localhost:8080", null)]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8080", null)]
    [InlineData("[::1]:8080", "http://[::1]:8080", null)]
    [InlineData("localhost:8080", "http://127.0.0.1:8080", "origin_not_allowed")]
    [InlineData("localhost:8080", "http://localhost:8081", "origin_not_allowed")]
    [InlineData("localhost:8080", "", "missing_key")]
    public void Loopback_is_trusted_for_pages_of_its_own_origin_alone(string host, string origin, string? code) =>
        Assert.Equal(code, Judge(host, origin, IPAddress.Loopback));

    [Fact]
    public void Name_that_was_pointed_at_loopback_is_not_trusted() =>
        Assert.Equal("missing_key", Judge("rebound.evil.example:8080", "http://rebound.evil.example:8080", IPAddress.Loopback));

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Real-IP")]
    [InlineData("Forwarded")]
    [InlineData("Via")]
    public void Proxy_on_this_machine_is_not_taken_for_its_user(string header) =>
        Assert.Equal("missing_key", Judge("localhost:8080", "http://localhost:8080", IPAddress.Loopback, header));

    [Theory]
    [InlineData("HTTP/1.0", "missing_key")]
    [InlineData("HTTP/1.1", null)]
    [InlineData("HTTP/2", null)]
    public void Proxy_that_speaks_HTTP_1_0_is_not_taken_for_a_browser(string protocol, string? code) =>
        Assert.Equal(code, Judge("127.0.0.1:8080", "http://127.0.0.1:8080", IPAddress.Loopback, protocol: protocol));

    [Fact]
    public void Own_page_from_elsewhere_needs_a_key() =>
        Assert.Equal("missing_key", Judge("192.0.2.7:8443", "https://192.0.2.7:8443", IPAddress.Parse("192.0.2.9")));

    [Theory]
    [InlineData("asr.example", "https://asr.example")]
    [InlineData("asr.example:443", "https://asr.example")]
    [InlineData("ASR.example", "https://asr.EXAMPLE")]
    public void Default_port_and_case_make_no_other_origin(string host, string origin) =>
        Assert.Null(Judge(host, origin, IPAddress.Parse("192.0.2.9"), key: "key-number-two-1234"));

    [Theory]
    [InlineData("key-number-one-1234", null)]
    [InlineData("key-number-two-1234", null)]
    [InlineData("key-number-two-123", "invalid_key")]
    [InlineData("key-number-two-12345", "invalid_key")]
    public void Every_key_opens_and_none_but_them(string key, string? code) => Assert.Equal(code, Judge("asr.example", "", IPAddress.Parse("192.0.2.9"), key: key));

    private string? Judge(string host, string origin, IPAddress remote, string? header = null, string? key = null, string protocol = "HTTP/1.1")
    {
        var context = new DefaultHttpContext();
        context.Request.Protocol = protocol;
        context.Request.Host = new HostString(host);
        context.Connection.RemoteIpAddress = remote;
        if (origin.Length > 0)
        {
            context.Request.Headers.Origin = origin;
        }

        if (header is not null)
        {
            context.Request.Headers[header] = "192.0.2.1";
        }

        if (key is not null)
        {
            context.Request.Headers.Authorization = $"Bearer {key}";
        }

        return _gate.Judge(context, out _)?.Code;
    }
}
