using System.Collections.Immutable;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>How the contract calls ways of finding turns.</summary>
internal static class TurnDetectionNames
{
    internal const string Silence = "server_vad";
    internal const string Semantic = "semantic_vad";

    internal static readonly ImmutableArray<string> Types = [Silence, Semantic];

    /// <summary>In the order of <see cref="TurnEagerness"/>.</summary>
    internal static readonly ImmutableArray<string> Eagerness = ["auto", "low", "medium", "high"];
}
