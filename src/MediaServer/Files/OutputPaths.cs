using AsrHub.Rtc.Transcription.Files;

namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>Names the file that each transcript goes to.</summary>
internal static class OutputPaths
{
    /// <summary>Why the output can't be as asked for; null when it can.</summary>
    internal static string? Problem(TranscribeOptions options)
    {
        if (options.Output is { } output)
        {
            return options.Files.Count > 1 && !IsFolder(output)
                ? $"--output {output} is one file, and there are {options.Files.Count} transcripts. Name a folder: --output {output}/"
                : SharedPath(options);
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

    private static bool IsFolder(string path) => Path.EndsInDirectorySeparator(path) || Directory.Exists(path);
}
