using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>Settings held against what the server can do.</summary>
/// <param name="Settings">The settings, with what they left to the server.</param>
/// <param name="Model">The model they mean, held for whoever asked.</param>
/// <param name="Error">What is wrong with them; then there is no model.</param>
internal readonly record struct ResolvedSettings(SessionSettings Settings, ServedModel? Model, ErrorDetail? Error);
