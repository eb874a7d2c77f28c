using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

public sealed class PlausibilityTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(1.00005f, true)]
    [InlineData(-0.1f, false)]
    [InlineData(2.5e36f, false)]
    [InlineData(float.NaN, false)]
    public void A_confidence_is_a_share_of_one(float confidence, bool isPlausible)
    {
        PassResult result = PassResult.Empty with { Text = "a", Tokens = [5], Confidences = [confidence] };

        Assert.Equal(isPlausible, Plausibility.IsPlausible(new PassRequest { Audio = new float[16_000] }, result));
    }
}
