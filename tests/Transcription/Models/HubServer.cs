using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AsrHub.Rtc.Transcription.Tests.Models;

/// <summary>A hub on the loopback that lists a repository and serves its files, whole or from a byte on.</summary>
internal sealed class HubServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Dictionary<string, byte[]> _files;
    private readonly string _repository;

    public HubServer(string repository, Dictionary<string, byte[]> files)
    {
        _repository = repository;
        _files = files;
        Listing = MakeListing();
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    public string Listing { get; set; }

    /// <summary>Request lines and ranges, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Bytes of a file after which the connection is cut, once.</summary>
    public int CutAfter { get; set; } = -1;

    public bool IgnoresRanges { get; set; }

    public void Dispose()
    {
        _listener.Dispose();
    }

    private string MakeListing()
    {
        var lines = _files.Select(file =>
        {
            string path = file.Key;
            byte[] data = file.Value;
            return path.EndsWith(".onnx", StringComparison.Ordinal)
                ? $$"""{"type":"file","path":"{{path}}","size":{{data.Length}},"oid":"0","lfs":{"oid":"{{Convert.ToHexStringLower(SHA256.HashData(data))}}","size":{{data.Length}} } }"""
                : $$"""{"type":"file","path":"{{path}}","size":{{data.Length}},"oid":"{{GitName(data)}}"}""";
        });
        return $"[{string.Join(',', lines.Append("""{"type":"directory","path":"onnx","size":0,"oid":"0"}"""))}]";
    }

    private static string GitName(byte[] data)
    {
        byte[] head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {data.Length}\0"));
#pragma warning disable CA5350 // Git's own hash.
        return Convert.ToHexStringLower(SHA1.HashData([.. head, .. data]));
#pragma warning restore CA5350
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string path = (await reader.ReadLineAsync())?.Split(' ')[1] ?? "";
        int from = 0;
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
            {
                from = int.Parse(line["Range: bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            }
        }

        Requests.Enqueue($"{path} {from}");
        byte[]? body = path == $"/api/models/{_repository}/tree/main?recursive=true"
            ? Encoding.UTF8.GetBytes(Listing)
            : _files.GetValueOrDefault(path.Replace($"/{_repository}/resolve/main/", "", StringComparison.Ordinal));
        if (body is null)
        {
            await stream.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            return;
        }

        from = IgnoresRanges ? 0 : from;
        string status = from > 0 ? $"206 Partial Content\r\nContent-Range: bytes {from}-{body.Length - 1}/{body.Length}" : "200 OK";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {body.Length - from}\r\nConnection: close\r\n\r\n"));
        int end = body.Length;
        if (CutAfter >= 0 && path.EndsWith(".onnx", StringComparison.Ordinal) && CutAfter < body.Length)
        {
            end = CutAfter;
            CutAfter = -1;
        }

        await stream.WriteAsync(body.AsMemory(from, Math.Max(0, end - from)));
    }
}
