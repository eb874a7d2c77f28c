using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>Hands recordings to live sessions.</summary>
public static class SessionFiles
{
    /// <summary>
    /// Lets a session hear a recording as fast as its recognizers go, after all audio written before and ahead of what is written meanwhile, which waits until it is over.
    /// Turns end at both of its borders, so that none is half live and half from the file.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="pcm">Samples of the recording, mono at 16 kHz.</param>
    /// <param name="cancellationToken">Leaves the rest of the recording out; the session goes on.</param>
    /// <returns>How many samples of the recording it was given.</returns>
    public static async Task<long> TranscribeFileAsync(this ITranscriptionSession session, IAsyncEnumerable<ReadOnlyMemory<float>> pcm, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(pcm);
        var written = 0L;
        using var file = session.BeginFile();
        await foreach (var piece in pcm.WithCancellation(cancellationToken))
        {
            await file.WritePcmAsync(piece, cancellationToken);
            written += piece.Length;
        }

        return written;
    }
}
