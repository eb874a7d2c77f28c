using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.Tests.Shared;

/// <summary>A test that needs the installed models; without them the test is skipped and says how to get them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ModelFactAttribute : Xunit.FactAttribute
{
    public ModelFactAttribute()
    {
        if (ModelLocator.TryRoot() is null)
        {
            Skip = "The models are not installed; run models/install.";
        }
    }
}
