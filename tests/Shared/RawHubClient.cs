using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace AsrHub.Rtc.Tests.Shared;

/// <summary>
/// A client of a SignalR hub that speaks the JSON hub protocol itself over a WebSocket (there is no .NET client on the project's feed): negotiate, handshake,
/// then records ended by 0x1E.
/// </summary>
public sealed class RawHubClient : IAsyncDisposable
{
    private const byte RecordSeparator = 0x1E;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket;
    private readonly List<byte> _received = [];
    private int _nextId;

    private RawHubClient(ClientWebSocket socket) => _socket = socket;

    /// <summary>Connects without negotiation, as a WebSocket may.</summary>
    public static async Task<RawHubClient> ConnectAsync(Uri server, string? accessKey = null, string? origin = null)
    {
        var socket = new ClientWebSocket();
        if (accessKey is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {accessKey}");
        }

        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        var uri = new UriBuilder(server) { Scheme = "ws", Path = "/hubs/signaling" }.Uri;
        using var timeout = new CancellationTokenSource(Timeout);
        await socket.ConnectAsync(uri, timeout.Token);
        var client = new RawHubClient(socket);
        await client.SendAsync("""{"protocol":"json","version":1}""");
        _ = await client.ReadRecordAsync();
        return client;
    }

    /// <summary>Asks for a connection as the stock client does before it opens the WebSocket.</summary>
    public static async Task<HttpResponseMessage> NegotiateAsync(Uri server, string? accessKey = null, string? origin = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "/hubs/signaling/negotiate?negotiateVersion=1"));
        request.Headers.Authorization = accessKey is null ? null : new AuthenticationHeaderValue("Bearer", accessKey);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return await http.SendAsync(request);
    }

    /// <summary>Calls a method and gives its result back.</summary>
    /// <exception cref="HubCallException">The server refused.</exception>
    public async Task<JsonElement> InvokeAsync(string method, params object?[] arguments)
    {
        var id = await StartAsync(1, method, arguments);
        while (true)
        {
            var record = await ReadRecordAsync();
            if (record.GetProperty("type").GetInt32() == 3 && record.GetProperty("invocationId").GetString() == id)
            {
                return record.TryGetProperty("error", out var error)
                    ? throw new HubCallException(error.GetString()!)
                    : record.TryGetProperty("result", out var result) ? result : default;
            }
        }
    }

    /// <summary>Calls a streaming method and gives back what it streams, up to its end.</summary>
    public async IAsyncEnumerable<JsonElement> StreamAsync(string method, params object?[] arguments)
    {
        var id = await StartAsync(4, method, arguments);
        while (true)
        {
            var record = await ReadRecordAsync();
            if (!record.TryGetProperty("invocationId", out var about) || about.GetString() != id)
            {
                continue;
            }

            if (record.GetProperty("type").GetInt32() == 2)
            {
                yield return record.GetProperty("item");
            }
            else if (record.TryGetProperty("error", out var error))
            {
                throw new HubCallException(error.GetString()!);
            }
            else
            {
                yield break;
            }
        }
    }

    /// <summary>Waits until the server has ended the connection.</summary>
    public async Task WaitForEndAsync()
    {
        try
        {
            while (true)
            {
                _ = await ReadRecordAsync();
            }
        }
        catch (Exception exception) when (exception is WebSocketException or EndOfStreamException)
        {
            return;
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> StartAsync(int type, string method, object?[] arguments)
    {
        var id = $"{++_nextId}";
        await SendAsync(JsonSerializer.Serialize(new { type, invocationId = id, target = method, arguments }));
        return id;
    }

    private async Task SendAsync(string record)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(record + (char)RecordSeparator), WebSocketMessageType.Text, endOfMessage: true, timeout.Token);
    }

    private async Task<JsonElement> ReadRecordAsync()
    {
        var buffer = new byte[16 * 1024];
        using var timeout = new CancellationTokenSource(Timeout);
        int end;
        while ((end = _received.IndexOf(RecordSeparator)) < 0)
        {
            var result = await _socket.ReceiveAsync(buffer, timeout.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                throw new EndOfStreamException("The server closed the connection.");
            }

            _received.AddRange(buffer.AsSpan(0, result.Count));
        }

        var record = _received.GetRange(0, end).ToArray();
        _received.RemoveRange(0, end + 1);
        using var document = JsonDocument.Parse(record);
        return document.RootElement.Clone();
    }
}

/// <summary>A hub call that the server refused.</summary>
public sealed class HubCallException(string message) : Exception(message)
{
    /// <summary>The contract's error object inside SignalR's message.</summary>
    public JsonElement Error
    {
        get
        {
            using var document = JsonDocument.Parse(Message[Message.IndexOf('{', StringComparison.Ordinal)..]);
            return document.RootElement.GetProperty("error").Clone();
        }
    }

    /// <summary>Its code.</summary>
    public string Code => Error.GetProperty("code").GetString()!;
}
