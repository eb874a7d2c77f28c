using System.Diagnostics;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>Writes a file down through a session of the same kind that live speech has.</summary>
/// <param name="createSession">Opens a session.</param>
/// <param name="progress">Gets one line for each thing worth knowing while it runs.</param>
internal sealed class FileTranscriber(Func<ITranscriptionSession> createSession, TextWriter progress)
{
    /// <summary>Transcribes a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What is said in it, on one line.</returns>
    /// <exception cref="MediaFileException">It cannot be read, or a part of it could not be recognized.</exception>
    internal async Task<string> TranscribeAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            throw new MediaFileException(Directory.Exists(file) ? $"{file} is a folder. Name the files in it." : $"{file}: there is no such file.");
        }

        var began = Stopwatch.GetTimestamp();
        await using var session = createSession();
        var reading = ReadEventsAsync(session, file, cancellationToken);
        var samples = await FfmpegDecoder.DecodeAsync(file, session.WritePcmAsync, cancellationToken);
        await session.CloseAsync("The file is at its end.", cancellationToken);
        var text = await reading;
        await progress.WriteLineAsync(FormattableString.Invariant(
            $"{file}: {(double)samples / FfmpegDecoder.SampleRate:0.0} s of audio in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s"));
        return text;
    }

    // Turns may be completed out of order; they are told in the order in which they were said.
    private async Task<string> ReadEventsAsync(ITranscriptionSession session, string file, CancellationToken cancellationToken)
    {
        var order = new List<string>();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        ErrorDetail? failure = null;
        await foreach (var transcriptEvent in session.Events.ReadAsync(0, cancellationToken))
        {
            switch (transcriptEvent)
            {
                case TranscriptEvent.Committed committed:
                    order.Add(committed.ItemId);
                    break;
                case TranscriptEvent.Interim interim:
                    await progress.WriteLineAsync($"{file}: ... {interim.CommittedText}{interim.Tail}");
                    break;
                case TranscriptEvent.Completed completed:
                    texts[completed.ItemId] = completed.Transcript;
                    await progress.WriteLineAsync($"{file}: {completed.Transcript}");
                    break;
                case TranscriptEvent.Failed failed:
                    failure ??= failed.Error;
                    break;
                case TranscriptEvent.ErrorRaised raised:
                    failure ??= raised.Detail;
                    break;
            }
        }

        return failure is null
            ? string.Join(' ', order.Select(item => texts.GetValueOrDefault(item, "").ReplaceLineEndings(" ").Trim()).Where(text => text.Length > 0))
            : throw new MediaFileException($"{file}: {failure.Message} ({failure.Code})");
    }
}
