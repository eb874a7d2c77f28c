using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AsrHub.Rtc.MediaServer.Tests.Edge;
using AsrHub.Rtc.Transcription.Models.Catalog;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AsrHub.Rtc.MediaServer.Tests.Models;

/// <summary>A hub on loopback that speaks as huggingface.co does, and misbehaves as told.</summary>
internal sealed class FakeHub : IFetchProgress, IAsyncDisposable
{
    internal const string Id = "owner/whisper-nano";
    private readonly WebApplication _app;
    private long _arrived;
    private int _listings;

    private FakeHub(WebApplication app)
    {
        _app = app;
    }

    /// <summary>The files; those in <c>onnx/</c> are in large-file storage.</summary>
    internal Dictionary<string, byte[]> Files { get; } = new()
    {
        ["config.json"] = Encoding.UTF8.GetBytes("""{"model_type":"whisper"}"""),
        ["tokenizer.json"] = Encoding.UTF8.GetBytes("{}"),
        ["generation_config.json"] = Encoding.UTF8.GetBytes("{}"),
        ["README.md"] = Encoding.UTF8.GetBytes("---\nlicense: mit\n---\n"),
        ["pytorch_model.bin"] = Random(5_000),
        ["onnx/encoder_model.onnx"] = Random(1_000),
        ["onnx/decoder_model_merged.onnx"] = Random(1_000),
        ["onnx/encoder_model_int8.onnx"] = Random(300_000),
        ["onnx/decoder_model_merged_int8.onnx"] = Random(900_000),
        ["onnx/encoder_model_uint8.onnx"] = Random(2_000),
        ["onnx/decoder_model_merged_uint8.onnx"] = Random(2_000),
    };

    /// <summary>Bytes after which the connection is cut, one for each request of a large file; then it stays.</summary>
    internal ConcurrentQueue<int> Cuts { get; } = new();

    /// <summary>What was asked for: the file and from which byte on.</summary>
    internal ConcurrentQueue<(string File, long From)> Asked { get; } = new();

    /// <summary>Statuses to answer with instead, one a request.</summary>
    internal ConcurrentQueue<int> Statuses { get; } = new();

    /// <summary>A file whose content is not what the list states.</summary>
    internal string? Forged { get; set; }

    /// <summary>Makes another list of the true one.</summary>
    internal Func<byte[], byte[]> Listing { get; set; } = static list => list;

    /// <summary>Whether the hash that comes with the file differs from the listed one.</summary>
    internal bool IsChanging { get; set; }

    /// <summary>Whether ranges are answered with the whole file.</summary>
    internal bool IgnoresRanges { get; set; }

    /// <summary>Whether it answers for a large file and then sends nothing.</summary>
    internal bool Stalls { get; set; }

    /// <summary>Whether it takes requests for the list and answers none.</summary>
    internal bool StallsList { get; set; }

    /// <summary>Where it points to instead of to its store.</summary>
    internal string? Elsewhere { get; set; }

    /// <summary>Whether each page of the list names another.</summary>
    internal bool IsEndless { get; set; }

    /// <summary>Requests for the list.</summary>
    internal int Listings => Volatile.Read(ref _listings);

    /// <summary>Whether the list comes in pages of two.</summary>
    internal bool HasPages { get; set; }

    internal Uri Address => new(_app.Urls.First());

    internal static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    internal static async Task<FakeHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var hub = new FakeHub(app);
        _ = app.MapGet($"/api/models/{Id}/tree/main", hub.ListAsync);
        _ = app.MapGet("/{owner}/{name}/resolve/main/{**file}", hub.Resolve);
        _ = app.MapGet("/store/{**file}", hub.SendAsync);
        await app.StartAsync();
        return hub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    void IFetchProgress.Begin(SourceFile file)
    {
    }

    void IFetchProgress.Advance(SourceFile file, long bytes) => Volatile.Write(ref _arrived, bytes);

    void IFetchProgress.Retry(SourceFile file, string reason)
    {
    }

    private static byte[] Random(int length) => RandomNumberGenerator.GetBytes(length);

    private static bool IsLarge(string file) => file.StartsWith("onnx/", StringComparison.Ordinal) || file.EndsWith(".bin", StringComparison.Ordinal);

    private async Task ListAsync(HttpContext context)
    {
        _ = Interlocked.Increment(ref _listings);
        if (Statuses.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            return;
        }

        if (StallsList)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        var from = int.TryParse(context.Request.Query["cursor"], out var cursor) ? cursor : 0;
        var count = HasPages ? 2 : Files.Count;
        if (from + count < Files.Count || IsEndless)
        {
            context.Response.Headers.Link = $"<{Address.AbsoluteUri}api/models/{Id}/tree/main?recursive=true&cursor={from + count}>; rel=\"next\"";
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteStartObject();
            json.WriteString("type", "directory");
            json.WriteString("path", "onnx");
            json.WriteEndObject();
            foreach (var (path, content) in Files.Skip(from).Take(count))
            {
                json.WriteStartObject();
                json.WriteString("type", "file");
                json.WriteString("path", path);
                json.WriteNumber("size", content.Length);
                json.WriteString("oid", GitId(content));
                if (IsLarge(path))
                {
                    json.WriteStartObject("lfs");
                    json.WriteString("oid", Sha256(content));
                    json.WriteNumber("size", content.Length);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        await context.Response.Body.WriteAsync(Listing(buffer.ToArray()));
    }

    private Task Resolve(HttpContext context, string file)
    {
        if (!IsLarge(file))
        {
            return SendAsync(context, file);
        }

        context.Response.StatusCode = 302;
        context.Response.Headers["X-Linked-Etag"] = $"\"{(IsChanging ? new string('0', 64) : Sha256(Files[file]))}\"";
        context.Response.Headers.Location = Elsewhere ?? $"/store/{file}";
        return Task.CompletedTask;
    }

    private async Task SendAsync(HttpContext context, string file)
    {
        if (IsLarge(file) && Statuses.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            return;
        }

        var content = Files[file];
        var range = context.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0;
        Asked.Enqueue((file, range));
        if (range > 0 && range >= content.Length)
        {
            context.Response.StatusCode = 416;
            return;
        }

        if (file == Forged)
        {
            content = [.. content];
            content[^1] ^= 1;
        }

        var from = IgnoresRanges ? 0 : (int)range;
        if (from > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        context.Response.ContentLength = content.Length - from;
        if (IsLarge(file) && Stalls)
        {
            await context.Response.StartAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        if (IsLarge(file) && Cuts.TryDequeue(out var length))
        {
            await context.Response.Body.WriteAsync(content.AsMemory(from, length));
            await context.Response.Body.FlushAsync();

            // A reset connection takes with it what its reader has not read yet.
            await Eventually.Holds(() => length == 0 || Volatile.Read(ref _arrived) == from + length);
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(content.AsMemory(from));
    }

    // Git's object ids are SHA-1, whatever one thinks of it.
#pragma warning disable CA5350
    private static string GitId(byte[] content) =>
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
#pragma warning restore CA5350
}
