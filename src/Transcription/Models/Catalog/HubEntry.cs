using System.Text.Json.Serialization;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>A line of a hub's listing (<c>GET /api/models/{id}/tree/{revision}</c>).</summary>
internal sealed record HubEntry
{
    public string Type { get; set; } = "";

    public string Path { get; set; } = "";

    public long Size { get; set; }

    /// <summary>Git's hash of a small file.</summary>
    public string Oid { get; set; } = "";

    /// <summary>What is told of a large one.</summary>
    public HubLargeFile? Lfs { get; set; }

    /// <summary>Whether a hash is stated that can be checked.</summary>
    [JsonIgnore]
    public bool HasHash => Lfs is { Oid.Length: 64 } || (Lfs is null && Oid.Length == 40);
}

/// <summary>A file that git keeps elsewhere.</summary>
internal sealed record HubLargeFile
{
    /// <summary>SHA-256 of its contents.</summary>
    public string Oid { get; set; } = "";
}
