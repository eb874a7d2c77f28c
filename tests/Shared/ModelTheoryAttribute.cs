namespace AsrHub.Rtc.Tests.Shared;

/// <summary>A theory that needs the installed models; without them it is skipped and says how to get them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ModelTheoryAttribute : Xunit.TheoryAttribute
{
    public ModelTheoryAttribute()
    {
        Skip = ModelFactAttribute.Missing;
    }
}
