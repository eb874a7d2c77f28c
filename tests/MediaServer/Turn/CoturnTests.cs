using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AsrHub.Rtc.MediaServer.Tests.Edge;
using AsrHub.Rtc.Signaling.Ice;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.MediaServer.Tests.Turn;

/// <summary>Debian's coturn, started by <c>turn/start</c>, with the credentials that sessions get.</summary>
public sealed class CoturnTests : IAsyncLifetime
{
    private const string Secret = "a-secret-for-tests-only";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("asrhub-test");
    private readonly int _port = FreePort();
    private Process? _coturn;

    public async Task InitializeAsync()
    {
        if (!ToolFactAttribute.IsInstalled("turnserver"))
        {
            return;
        }

        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "turn", "start"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "--listen", "127.0.0.1", "--server", "127.0.0.1", "--port", $"{_port}", "--relay-ports", "52160-52259", "--state", _state.FullName,
            },
        };
        start.Environment["ASRHUB_TURN__SECRET"] = Secret;
        _coturn = Process.Start(start)!;
        _coturn.OutputDataReceived += (_, _) => { };
        _coturn.ErrorDataReceived += (_, _) => { };
        _coturn.BeginOutputReadLine();
        _coturn.BeginErrorReadLine();
        await Eventually.Holds(() => CanConnect(_port));
    }

    public Task DisposeAsync()
    {
        if (_coturn is not null)
        {
            _coturn.Kill(entireProcessTree: true);
            _coturn.WaitForExit();
            _coturn.Dispose();
        }

        _state.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [ToolFact("turnserver", "coturn")]
    public async Task Accepts_the_credentials_of_a_session()
    {
        var credentials = TurnCredentials.Create(Secret, "sess_1", DateTimeOffset.UtcNow.AddMinutes(10));
        using var client = new TurnProbe(_port);
        Assert.Equal(0, await client.AllocateAsync(credentials.UserName, credentials.Password));
        Assert.Equal(0, await client.PermitAsync(IPAddress.Loopback));
    }

    [ToolFact("turnserver", "coturn")]
    public async Task Relays_to_the_server_alone()
    {
        var credentials = TurnCredentials.Create(Secret, "sess_1", DateTimeOffset.UtcNow.AddMinutes(10));
        using var client = new TurnProbe(_port);
        Assert.Equal(0, await client.AllocateAsync(credentials.UserName, credentials.Password));
        Assert.Equal(403, await client.PermitAsync(IPAddress.Parse("192.0.2.1")));
    }

    [ToolFact("turnserver", "coturn")]
    public async Task Refuses_a_wrong_password_and_credentials_that_expired()
    {
        var expired = TurnCredentials.Create(Secret, "sess_1", DateTimeOffset.UtcNow.AddMinutes(-1));
        var foreign = TurnCredentials.Create("another secret", "sess_1", DateTimeOffset.UtcNow.AddMinutes(10));
        foreach (var credentials in (TurnCredentials[])[expired, foreign])
        {
            using var client = new TurnProbe(_port);
            Assert.Equal(401, await client.AllocateAsync(credentials.UserName, credentials.Password));
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static bool CanConnect(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
