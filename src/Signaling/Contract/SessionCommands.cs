using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>Carries out the commands of a door whose audio comes another way (a track); errors go out as events, in order with everything else.</summary>
public static class SessionCommands
{
    /// <summary>Reads a command and carries it out.</summary>
    /// <param name="session">Whom it is for.</param>
    /// <param name="utf8">One JSON object.</param>
    /// <returns>True when the client asked to close: the door drains the session.</returns>
    public static bool Apply(ITranscriptionSession session, ReadOnlyMemory<byte> utf8)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!ClientCommandReader.TryRead(utf8, session.Snapshot.Settings, out var command, out var error))
        {
            session.Report(error!);
            return false;
        }

        switch (command)
        {
            case ClientCommand.Update update:
                session.Update(update.Settings, update.EventId);
                return false;
            case ClientCommand.Commit:
                session.Commit(command.EventId);
                return false;
            case ClientCommand.Clear:
                session.Clear();
                return false;
            case ClientCommand.Append:
                session.Report(new ErrorDetail(
                    "invalid_request_error",
                    DoorErrorCodes.AudioNotAccepted,
                    "The audio of this session comes by its track; input_audio_buffer.append is for doors without one.",
                    null,
                    command.EventId));
                return false;
            default:
                return command is ClientCommand.Close;
        }
    }
}
