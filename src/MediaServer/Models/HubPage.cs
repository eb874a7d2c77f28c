using System.Text.Json;
using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.Models;

/// <summary>A page of a hub's list of files.</summary>
internal static class HubPage
{
    /// <summary>Reads the files.</summary>
    /// <param name="json">The page.</param>
    /// <param name="hub">Name of the hub's model, for messages.</param>
    /// <exception cref="ModelStoreException">It is no list of files.</exception>
    internal static List<SourceFile> Read(ReadOnlyMemory<byte> json, string hub)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray().Where(static item => item.GetProperty("type").GetString() == "file").Select(Read)];
        }
        catch (JsonException exception)
        {
            throw new ModelStoreException($"{hub} did not answer with a list of files, so it is no hub of the kind that is known: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ModelStoreException($"{hub} lists files in a way that is not known: {exception.Message}", exception);
        }
    }

    private static SourceFile Read(JsonElement item)
    {
        var path = item.GetProperty("path").GetString() ?? throw new FormatException("a file has no path.");
        long? size = item.TryGetProperty("size", out var bytes) ? bytes.GetInt64() : null;
        if (item.TryGetProperty("lfs", out var large) && large.TryGetProperty("oid", out var oid))
        {
            return new SourceFile(path, large.TryGetProperty("size", out bytes) ? bytes.GetInt64() : size, Hash(oid, FileHash.IsSha256, path));
        }

        return new SourceFile(path, size, GitSha1: item.TryGetProperty("oid", out oid) ? Hash(oid, FileHash.IsSha1, path) : null);
    }

    // Part of a file's name later on, so that nothing but a hash may pass.
    private static string Hash(JsonElement oid, Func<string?, bool> isHash, string path) =>
        oid.GetString() is { } text && isHash(text) ? text.ToLowerInvariant() : throw new FormatException($"'{oid}' of {path} is no hash.");
}
