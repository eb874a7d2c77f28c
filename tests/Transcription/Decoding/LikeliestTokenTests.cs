using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Decoding;

public sealed class LikeliestTokenTests
{
    [Fact]
    public void The_likeliest_token_has_its_share_of_all()
    {
        (int token, float confidence) = new LikeliestToken().Choose(new float[] { 0, 1, 0 });

        Assert.Equal(1, token);
        Assert.Equal(Math.E / (Math.E + 2), confidence, 1e-6);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Where_no_score_is_a_number_there_is_no_likeliest_token(float score)
    {
        float[] scores = [.. Enumerable.Repeat(score, 20)];

        Assert.Throws<RecognizerException>(() => new LikeliestToken().Choose(scores));
    }
}
