using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>A pause about which somebody asks whether the turn is complete.</summary>
public sealed class TurnQuestion
{
    private volatile bool _isMoot;

    /// <summary>The last voiced sample before the pause, which tells it from other pauses.</summary>
    public required long LastVoiced { get; init; }

    /// <summary>What keeps <see cref="Samples"/> valid; the queue lets go of it.</summary>
    public required SharedAudio Audio { get; init; }

    /// <summary>The turn so far, or its end.</summary>
    public required ReadOnlyMemory<float> Samples { get; init; }

    /// <summary>Silence that followed without being in the samples.</summary>
    public int Silence { get; init; }

    /// <summary>Hears the answer, on a thread of the queue; not called for questions that nobody could answer.</summary>
    public required Action<TurnQuestion> Answered { get; init; }

    /// <summary>Probability that the turn is complete, once answered.</summary>
    public float Complete { get; internal set; }

    /// <summary>Whether the answer is of no use any more: the pause is over.</summary>
    public bool IsMoot
    {
        get => _isMoot;
        set => _isMoot = value;
    }
}
