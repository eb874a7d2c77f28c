using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Tests.Audio;

/// <summary>Keeps what it is given.</summary>
internal sealed class RecordingSink : IAudioSink
{
    public List<float> Pcm { get; } = [];

    public List<(long Start, long Count)> Silences { get; } = [];

    public void Samples(ReadOnlySpan<float> pcm) => Pcm.AddRange(pcm);

    public void Silence(long count)
    {
        Silences.Add((Pcm.Count, count));
        Pcm.AddRange(new float[count]);
    }
}
