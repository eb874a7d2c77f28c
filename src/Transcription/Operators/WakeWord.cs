namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>Tells when a wake word is said and, where asked to, keeps everything silent until then.</summary>
/// <param name="detector">Hears it.</param>
/// <param name="gates">Whether what is said without it is silenced.</param>
/// <param name="openSamples">How long the gate stays open after it.</param>
/// <param name="heard">Told the word and the sample after it.</param>
public sealed class WakeWord(IWakeWordDetector detector, bool gates, long openSamples, Action<string, long> heard) : IAudioOperator
{
    private long _position;
    private long _openUntil;

    /// <inheritdoc/>
    public void Process(Span<float> samples, AudioDoor door)
    {
        _position += samples.Length;
        if (detector.Hear(samples) is { } word)
        {
            _openUntil = _position + openSamples;
            heard(word, _position);
        }

        if (gates && _position >= _openUntil)
        {
            samples.Clear();
        }
    }

    /// <inheritdoc/>
    public void Silence(long count, AudioDoor door) => _position += count;

    /// <inheritdoc/>
    public void Dispose() => detector.Dispose();
}
