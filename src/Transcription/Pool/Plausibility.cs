using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>Whether a result can be what a recognizer heard: providers that return junk are judged by it.</summary>
internal static class Plausibility
{
    public static bool IsPlausible(PassRequest request, PassResult? result)
    {
        if (result?.Text is null || result.Tokens is null || result.Text.Contains('\uFFFD', StringComparison.Ordinal))
        {
            return false;
        }

        // Five times as much as anybody speaks; what lies between is the guard's business and not the provider's fault.
        var limit = 30 + (request.Audio.Length / 16_000.0 * 40);
        if (result.Tokens.Length > limit || result.Text.Length > limit * 8)
        {
            return false;
        }

        foreach (var confidence in result.Confidences ?? [])
        {
            if (confidence is not (>= 0 and <= 1.0001f))
            {
                return false;
            }
        }

        return true;
    }
}
