using AsrHub.Rtc.Signaling.Audio;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>Carries out the commands of one client, one after the other; what is wrong with one goes out as an event, in order with everything else.</summary>
/// <param name="session">Whom they are for.</param>
public sealed class SessionCommandRunner(ITranscriptionSession session)
{
    private readonly PcmDownsampler _downsampler = new();

    /// <summary>Reads a command and carries it out.</summary>
    /// <param name="utf8">One JSON object.</param>
    /// <param name="cancellationToken">Gives up waiting for room for audio.</param>
    /// <returns>True when the client asked to close: the door drains the session.</returns>
    public async ValueTask<bool> RunAsync(ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken)
    {
        if (!ClientCommandReader.TryRead(utf8, session.Snapshot.Settings, out var command, out var error))
        {
            session.Report(error!);
            return false;
        }

        switch (command)
        {
            case ClientCommand.Update update:
                session.Update(update.Settings, update.EventId);
                break;
            case ClientCommand.Commit:
                session.Commit(command.EventId);
                break;
            case ClientCommand.Clear:
                session.Clear();
                break;
            case ClientCommand.Append append:
                await session.WritePcmAsync(_downsampler.Convert(append.Audio), cancellationToken);
                break;
        }

        return command is ClientCommand.Close;
    }
}
