using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>One file on its way: reads and transcribes it ahead of whoever writes its text, and keeps its progress.</summary>
internal sealed class FileJob(string file, ModelInfo model, string modelVersion, TranscribeOptions options, IProgressDisplay display)
{
    private const int SampleRate = 16_000;
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(5);

    // Text is small; a file whose turn to be written has not come waits here.
    private readonly Channel<TranscriptSegment> _segments = Channel.CreateUnbounded<TranscriptSegment>();
    private long _position;

    public string File => file;

    public ChannelReader<TranscriptSegment> Segments => _segments.Reader;

    /// <summary>The file as a whole, once <see cref="Segments"/> has ended well.</summary>
    public TranscriptSummary Summary => new(Path.GetFileName(file), model.Name, (double)_position / SampleRate);

    /// <summary>Runs to the end; failures come out of <see cref="Segments"/>.</summary>
    public async Task RunAsync(FileTranscriber transcriber, SemaphoreSlim gate, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await gate.WaitAsync(cancellationToken);
            try
            {
                await TranscribeAsync(transcriber, cancellationToken);
            }
            finally
            {
                _ = gate.Release();
            }
        }
        catch (RecognizerException exception)
        {
            failure = new MediaFileException(
                $"{file}: the recognizers failed after {TimeSpan.FromSeconds(_position / SampleRate):c}: {exception.Message} Try again, with --resume to go on from there.", exception);
        }
        catch (Exception exception) when (exception is MediaFileException or OperationCanceledException)
        {
            failure = exception;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            failure = new MediaFileException($"{file}: {exception.Message} Check that you may read it.", exception);
        }
        catch (Exception exception)
        {
            // A mistake of this program, over one file: the others go on, and whoever waits for this one is told.
            failure = new MediaFileException($"{file}: an error that was not foreseen, {exception.GetType().Name}: {exception.Message} Report it with the file, please.", exception);
        }
        finally
        {
            _ = _segments.Writer.TryComplete(failure);
        }
    }

    private async Task TranscribeAsync(FileTranscriber transcriber, CancellationToken cancellationToken)
    {
        var track = display.Begin(file, await DurationAsync(cancellationToken));
        var request = options.Request;
        var progress = Load(request);
        foreach (var segment in progress?.Segments ?? [])
        {
            _ = _segments.Writer.TryWrite(segment);
        }

        var from = progress?.Position ?? request.Position;
        track.Start(Seconds(from));
        var saved = Environment.TickCount64;
        try
        {
            var resumed = request with { Position = from, LanguageState = progress?.LanguageState ?? default };
            await foreach (var segment in transcriber.TranscribeAsync(ReadAsync(from, cancellationToken), resumed, cancellationToken))
            {
                _ = _segments.Writer.TryWrite(segment);
                track.Advance(Seconds(segment.Next));
                progress?.Segments.Add(segment);
                if (progress is not null && Environment.TickCount64 - saved > SaveInterval.TotalMilliseconds)
                {
                    progress.Save(file);
                    saved = Environment.TickCount64;
                }
            }

            if (progress is not null)
            {
                FileProgress.Remove(file);
            }

            track.End(Seconds(_position));
        }
        catch (MediaFileException) when (progress?.Segments.Count == 0)
        {
            FileProgress.Remove(file);
            throw;
        }
        catch (Exception exception) when (exception is not MediaFileException)
        {
            progress?.Save(file);
            throw;
        }
    }

    private async Task<TimeSpan?> DurationAsync(CancellationToken cancellationToken) =>
        System.IO.File.Exists(file) ? await FfmpegSource.ReadDurationAsync(file, cancellationToken) : null;

    private FileProgress? Load(FileRequest request)
    {
        if (!options.Resume || !System.IO.File.Exists(file))
        {
            return null;
        }

        if (FileProgress.TryLoad(file, modelVersion, request) is { } kept)
        {
            return kept;
        }

        if (System.IO.File.Exists(file + FileProgress.Suffix))
        {
            display.Say($"{file}{FileProgress.Suffix} belongs to another version of the file or to other settings; beginning anew.");
        }

        // Whether progress can be kept is said before the work and not after it.
        var progress = FileProgress.Begin(file, modelVersion, request);
        progress.Save(file);
        return progress;
    }

    private async IAsyncEnumerable<ReadOnlyMemory<float>> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _position = from;
        await foreach (var piece in FfmpegSource.ReadAsync(file, from, cancellationToken))
        {
            _position += piece.Length;
            yield return piece;
        }
    }

    private static TimeSpan Seconds(long samples) => TimeSpan.FromSeconds((double)samples / SampleRate);
}
