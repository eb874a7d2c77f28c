namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>
/// Settles which language a session speaks, from what passes without a language hear. From then on passes are told, which saves a call and
/// keeps the text from changing language. Short speech is often taken for another language, so it does not count.
/// </summary>
public sealed class LanguageLock
{
    private const int MinSamples = 3 * 16000;

    /// <summary>Leaves at most 0.3 for all others together: a clear margin.</summary>
    private const float MinProbability = 0.7f;

    private const int PassesInARow = 2;

    private string? _candidate;
    private int _passes;

    /// <summary>The language, once settled; null until then.</summary>
    public string? Language { get; private set; }

    /// <summary>Takes what a pass has heard into account.</summary>
    /// <param name="result">Its result; one that was told its language has no probability and changes nothing.</param>
    /// <param name="samples">Audio that it heard, in samples at 16 kHz.</param>
    public void Observe(PassResult result, int samples)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (Language is not null || result.Language is null || result.LanguageProbability is not { } probability || samples < MinSamples)
        {
            return;
        }

        bool isClear = probability >= MinProbability;
        _passes = !isClear ? 0 : result.Language == _candidate ? _passes + 1 : 1;
        _candidate = result.Language;
        Language = _passes >= PassesInARow ? _candidate : null;
    }
}
