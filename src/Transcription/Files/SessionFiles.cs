using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>Hands recordings to live sessions.</summary>
public static class SessionFiles
{
    private const int SamplesPerMillisecond = 16;

    // The detector judges in windows of 32 ms; a few more than the silence that ends a turn are sure to end it.
    private const int Margin = SamplesPerMillisecond * 200;

    /// <summary>
    /// Lets a session hear a recording as fast as its recognizers go, after all audio written before and ahead of what is written meanwhile: packets wait until it is over;
    /// whoever writes the session's live PCM waits for this. The turns on either side of it are ended first, so that no turn is half live and half from the file.
    /// </summary>
    /// <param name="session">The session; its turns are found by the server.</param>
    /// <param name="pcm">Samples of the recording, mono at 16 kHz.</param>
    /// <param name="cancellationToken">Leaves the rest of the recording out; the session goes on.</param>
    /// <returns>How many samples of the recording it was given.</returns>
    public static async Task<long> TranscribeFileAsync(this ITranscriptionSession session, IAsyncEnumerable<ReadOnlyMemory<float>> pcm, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(pcm);
        var silence = new float[((session.Snapshot.Settings.TurnDetection?.SilenceDurationMs ?? 0) * SamplesPerMillisecond) + Margin];
        var written = 0L;
        using var file = session.BeginFile();
        await session.WritePcmAsync(silence, cancellationToken);
        try
        {
            await foreach (var piece in pcm.WithCancellation(cancellationToken))
            {
                await session.WritePcmAsync(piece, cancellationToken);
                written += piece.Length;
            }
        }
        finally
        {
            await session.WritePcmAsync(silence, CancellationToken.None);
        }

        return written;
    }
}
