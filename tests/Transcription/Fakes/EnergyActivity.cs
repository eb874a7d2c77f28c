using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Fakes;

/// <summary>Takes whatever is loud for speech.</summary>
internal sealed class EnergyActivity : IVoiceActivityModel, IVoiceActivityDetector
{
    public int Detections { get; private set; }

    public IVoiceActivityDetector CreateDetector() => this;

    public float Detect(ReadOnlySpan<float> window)
    {
        Detections++;
        var sum = 0f;
        foreach (var sample in window)
        {
            sum += sample * sample;
        }

        return sum / window.Length > 0.0004f ? 0.95f : 0.02f;
    }

    public void Reset()
    {
    }

    public void Dispose()
    {
    }
}
