using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.Tests.Shared;

/// <summary>A test that needs the installed models; without them the test is skipped and says how to get them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ModelFactAttribute : Xunit.FactAttribute
{
    public ModelFactAttribute()
    {
        Skip = Missing;
    }

    /// <summary>Why nothing that needs the models can be tested; null where they are.</summary>
    internal static string? Missing => ModelLocator.TryRoot() is null ? "The models are not installed; run models/install." : null;
}
