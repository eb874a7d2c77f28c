using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>What a client may ask of its session, whatever the door.</summary>
public abstract record ClientCommand
{
    private ClientCommand()
    {
    }

    /// <summary>The client's own name for the command, which an error about it carries back.</summary>
    public string? EventId { get; init; }

    /// <summary><c>session.update</c>.</summary>
    /// <param name="Settings">The whole new settings: what the command left out is as it was.</param>
    public sealed record Update(SessionSettings Settings) : ClientCommand;

    /// <summary><c>input_audio_buffer.append</c>.</summary>
    /// <param name="Audio">The bytes that the base64 text stands for.</param>
    public sealed record Append(byte[] Audio) : ClientCommand;

    /// <summary><c>input_audio_buffer.commit</c>.</summary>
    public sealed record Commit : ClientCommand;

    /// <summary><c>input_audio_buffer.clear</c>.</summary>
    public sealed record Clear : ClientCommand;

    /// <summary><c>x-session.close</c>: drain, then end.</summary>
    public sealed record Close : ClientCommand;
}
