using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>Transcribes files, several at once, and writes their transcripts in the order in which the files were named.</summary>
internal sealed class FileBatch(FileTranscriber transcriber, ModelInfo model, string modelVersion, int atOnce, IProgressDisplay display, TextWriter standardOutput)
{
    private const int ExitSomeFailed = 1;
    private const int ExitUnavailable = 69;

    /// <summary>Runs to the end.</summary>
    /// <returns>Exit code: 0, 1 where files failed, 69 where no file can be read.</returns>
    internal async Task<int> RunAsync(TranscribeOptions options, CancellationToken cancellationToken)
    {
        var outputs = OutputPaths.Choose(options);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var gate = new SemaphoreSlim(atOnce);
        var jobs = options.Files.Select(file => new FileJob(file, model, modelVersion, options, display)).ToArray();
        var running = Array.ConvertAll(jobs, job => Task.Run(() => job.RunAsync(transcriber, gate, stop.Token), CancellationToken.None));
        var exitCode = 0;
        try
        {
            for (var i = 0; i < jobs.Length; i++)
            {
                try
                {
                    await WriteAsync(jobs[i], options.Format, outputs[i]);
                }
                catch (MediaFileException exception)
                {
                    display.Say(exception.Message);
                    if (exception.IsFatal)
                    {
                        return ExitUnavailable;
                    }

                    exitCode = ExitSomeFailed;
                    if (outputs[i] is null && options.Format == TranscriptFormat.Text)
                    {
                        await standardOutput.WriteLineAsync();
                    }
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running);
        }

        return exitCode;
    }

    private async Task WriteAsync(FileJob job, TranscriptFormat format, string? path)
    {
        if (path is null)
        {
            await WriteAsync(job, format, standardOutput);
            return;
        }

        // A file that fails before its first words leaves nothing behind, not even an empty folder; it tells why here.
        _ = await job.Segments.WaitToReadAsync();
        var part = path + OutputPaths.PartSuffix;
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                _ = Directory.CreateDirectory(folder);
            }

            try
            {
                await using (var output = new StreamWriter(part))
                {
                    await WriteAsync(job, format, output);
                }

                File.Move(part, path, overwrite: true);
            }
            finally
            {
                File.Delete(part);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MediaFileException($"{job.File}: its transcript cannot be written: {exception.Message} Name another place with --output.", exception);
        }
    }

    private static async Task WriteAsync(FileJob job, TranscriptFormat format, TextWriter output)
    {
        var writer = TranscriptWriter.Create(format, output);
        var began = false;
        await foreach (var segment in job.Segments.ReadAllAsync())
        {
            if (!began)
            {
                await writer.BeginAsync();
                began = true;
            }

            await writer.WriteAsync(segment);
        }

        if (!began)
        {
            await writer.BeginAsync();
        }

        await writer.EndAsync(job.Summary);
    }
}
