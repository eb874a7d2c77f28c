using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

/// <summary>Sound among the shared data.</summary>
internal static class Clips
{
    public static float[] Samples(string relative)
    {
        return SpeechClip.Samples(SharedData.Find(relative)!);
    }
}
