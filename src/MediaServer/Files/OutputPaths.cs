using AsrHub.Rtc.Transcription.Files;

namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>Names the file that each transcript goes to.</summary>
internal static class OutputPaths
{
    /// <summary>Ending of a transcript that is not whole yet, which must not pass for one that is.</summary>
    internal const string PartSuffix = ".part";

    /// <summary>Why the output can't be as asked for; null when it can.</summary>
    internal static string? Problem(TranscribeOptions options)
    {
        if (options.Output is { } output)
        {
            if (output.Length == 0)
            {
                return "--output \"\" names no file. Name one, or a folder (ending in /), or leave --output out for standard output.";
            }

            return options.Files.Count > 1 && !IsFolder(output)
                ? $"--output {output} is one file, and there are {options.Files.Count} transcripts. Name a folder: --output {output}/"
                : SharedPath(options) ?? TakenPath(options);
        }

        return options.Files.Count > 1 && options.Format is TranscriptFormat.Srt or TranscriptFormat.Vtt
            ? "Subtitles of several files make no sense in one stream. Name a folder for them: --output FOLDER/"
            : null;
    }

    /// <summary>Where each transcript goes, in the order of the files; null for standard output.</summary>
    internal static string?[] Choose(TranscribeOptions options)
    {
        if (options.Output is not { } output)
        {
            return new string?[options.Files.Count];
        }

        if (!IsFolder(output))
        {
            return [output];
        }

        // a.mp3 and a.wav must not overwrite each other's a.srt.
        var shared = options.Files.GroupBy(Path.GetFileNameWithoutExtension).Where(static group => group.Count() > 1).Select(static group => group.Key).ToHashSet();
        return [.. options.Files.Select(file =>
        {
            var name = Path.GetFileNameWithoutExtension(file);
            return Path.Combine(output, (shared.Contains(name) ? Path.GetFileName(file) : name) + TranscriptWriter.Extension(options.Format));
        })];
    }

    private static string? SharedPath(TranscribeOptions options)
    {
        var paths = Choose(options);
        for (var i = 1; i < paths.Length; i++)
        {
            var first = Array.IndexOf(paths, paths[i]);
            if (first < i)
            {
                return $"{options.Files[first]} and {options.Files[i]} would have the same transcript, {paths[i]}. Write them in runs of their own, each with another --output FOLDER/.";
            }
        }

        return null;
    }

    /// <summary>A transcript takes the place of what is there before: a recording would be lost, and so would a device that is used for others too.</summary>
    private static string? TakenPath(TranscribeOptions options)
    {
        var recordings = new Dictionary<FileIdentity, string>();
        foreach (var file in options.Files)
        {
            if (FileIdentity.TryRead(file) is { } recording)
            {
                _ = recordings.TryAdd(recording, file);
            }
        }

        foreach (var path in Choose(options).OfType<string>())
        {
            foreach (var place in (ReadOnlySpan<string>)[path, path + PartSuffix])
            {
                if (FileIdentity.TryRead(place) is not { } taken)
                {
                    continue;
                }

                if (recordings.TryGetValue(taken, out var lost))
                {
                    return $"The transcript {path} would be written over a recording: {lost}, which is to be transcribed, would be lost. Give another --output.";
                }

                // /dev/stdout is a link to /proc, also where standard output is a file.
                if (!taken.IsRegularFile || new FileInfo(place).LinkTarget?.StartsWith("/proc/", StringComparison.Ordinal) == true)
                {
                    return $"{place} is a folder, device or pipe, which no transcript can take the place of. Give another --output, or leave it out and send standard output there.";
                }
            }
        }

        return null;
    }

    private static bool IsFolder(string path) => Path.EndsInDirectorySeparator(path) || Directory.Exists(path);
}
