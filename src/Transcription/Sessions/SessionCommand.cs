using AsrHub.Rtc.Transcription.Events;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>What a client asked for, with its place among the audio: it takes effect when all audio written before it has been heard.</summary>
internal abstract record SessionCommand(long PacketsBefore, long PcmBefore)
{
    public sealed record Update(long PacketsBefore, long PcmBefore, SessionSettings Settings, string? CausedBy) : SessionCommand(PacketsBefore, PcmBefore);

    public sealed record Commit(long PacketsBefore, long PcmBefore, string? CausedBy) : SessionCommand(PacketsBefore, PcmBefore);

    public sealed record Clear(long PacketsBefore, long PcmBefore) : SessionCommand(PacketsBefore, PcmBefore);

    public sealed record Report(long PacketsBefore, long PcmBefore, ErrorDetail Error) : SessionCommand(PacketsBefore, PcmBefore);

    public sealed record Close(long PacketsBefore, long PcmBefore, string Reason) : SessionCommand(PacketsBefore, PcmBefore);

    public sealed record Abort(string Reason) : SessionCommand(0, 0);
}
