using System.Text.Json;
using System.Text.Json.Serialization;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>How far a recording has been written down: what a later run needs to go on from there.</summary>
public sealed class FileProgress
{
    /// <summary>Ending that is put behind the recording's name.</summary>
    public const string Suffix = ".asrhub.json";

    /// <summary>Length of the recording, bytes; another length is another recording.</summary>
    public required long Length { get; init; }

    /// <summary>When the recording was last changed.</summary>
    public required DateTime ModifiedUtc { get; init; }

    /// <summary>The model: its name and what tells its files from others (<see cref="Models.Catalog.ModelStore.Fingerprint"/>).</summary>
    public required string Model { get; init; }

    /// <summary>What else the text depends on.</summary>
    public required FileRequest Request { get; init; }

    /// <summary>What was said so far.</summary>
    public List<TranscriptSegment> Segments { get; init; } = [];

    /// <summary>Position to go on from, samples at 16 kHz.</summary>
    [JsonIgnore]
    public long Position => Segments.Count > 0 ? Segments[^1].Next : Request.Position;

    /// <summary>What is known of the language there.</summary>
    [JsonIgnore]
    public LanguageState LanguageState => Segments.Count > 0 ? Segments[^1].LanguageState : default;

    /// <summary>Begins to keep the progress of a recording.</summary>
    /// <param name="file">The recording.</param>
    /// <param name="model">The model.</param>
    /// <param name="request">What is wanted.</param>
    public static FileProgress Begin(string file, string model, FileRequest request)
    {
        var info = new FileInfo(file);
        return new FileProgress { Length = info.Length, ModifiedUtc = info.LastWriteTimeUtc, Model = model, Request = request };
    }

    /// <summary>Reads what an earlier run left; null where there is nothing that fits this recording, model and request.</summary>
    /// <param name="file">The recording.</param>
    /// <param name="model">The model.</param>
    /// <param name="request">What is wanted.</param>
    public static FileProgress? TryLoad(string file, string model, FileRequest request)
    {
        if (!File.Exists(file + Suffix))
        {
            return null;
        }

        try
        {
            using var stream = File.OpenRead(file + Suffix);
            var fresh = Begin(file, model, request);
            return JsonSerializer.Deserialize(stream, FileProgressJson.Default.FileProgress) is { } kept
                && (kept.Length, kept.ModifiedUtc, kept.Model, kept.Request) == (fresh.Length, fresh.ModifiedUtc, fresh.Model, fresh.Request)
                && kept.IsWhole() ? kept : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it beside the recording; a run that is killed meanwhile leaves what was there before.</summary>
    /// <param name="file">The recording.</param>
    /// <exception cref="MediaFileException">The folder can't be written to.</exception>
    public void Save(string file)
    {
        try
        {
            var part = file + Suffix + ".part";
            using (var stream = File.Create(part))
            {
                JsonSerializer.Serialize(stream, this, FileProgressJson.Default.FileProgress);
            }

            File.Move(part, file + Suffix, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MediaFileException($"{file}: its progress cannot be kept beside it ({exception.Message}) Copy it to a folder you can write to, or leave --resume out.", exception);
        }
    }

    /// <summary>Removes what is kept beside a recording.</summary>
    /// <param name="file">The recording.</param>
    public static void Remove(string file) => File.Delete(file + Suffix);

    // Whatever stands in the file, a person or another program may have written it.
    private bool IsWhole()
    {
        if (Segments is null)
        {
            return false;
        }

        var position = Request.Position;
        foreach (var segment in Segments)
        {
            if (segment is not { Text: not null, Words: not null } || segment.Next <= position || segment.StartMs > segment.EndMs)
            {
                return false;
            }

            position = segment.Next;
        }

        return true;
    }
}

[JsonSerializable(typeof(FileProgress))]
internal sealed partial class FileProgressJson : JsonSerializerContext;
