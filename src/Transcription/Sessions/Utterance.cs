using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>A stretch of speech that is recognized as one. An item has one, or several where it was split at pauses.</summary>
internal sealed class Utterance(Item item, long start, long lead)
{
    public Item Item { get; } = item;

    /// <summary>First sample.</summary>
    public long Start { get; } = start;

    /// <summary>First sample that passes hear.</summary>
    public long Lead { get; } = lead;

    /// <summary>Whether it goes on from a cut in the middle of speech.</summary>
    public bool ContinuesCut { get; init; }

    /// <summary>Whether what was said before it in the turn has been heard by itself.</summary>
    public bool ContinuesTurn { get; init; }

    /// <summary>First voiced sample.</summary>
    public long SpeechStart { get; set; } = start;

    /// <summary>Sample after the last one, once closed.</summary>
    public long End { get; set; }

    /// <summary>Sample after the last voiced one, once closed.</summary>
    public long LastVoiced { get; set; }

    public bool IsClosed { get; set; }

    /// <summary>When it was closed, as a timestamp.</summary>
    public long ClosedAt { get; set; }

    /// <summary>Its audio, once closed; given back when its text is there.</summary>
    public SharedAudio? Audio { get; set; }

    public ReadOnlyMemory<float> Samples { get; set; }

    public StableText Text { get; } = new();

    /// <summary>The pass that runs or waits.</summary>
    public PassJob? Job { get; set; }

    /// <summary>Tokens of the latest hypothesis.</summary>
    public int[] Draft { get; set; } = [];

    /// <summary>What it is heard together with.</summary>
    public PrecedingSpeech? Context { get; set; }

    /// <summary>Whether <see cref="Context"/> could not be told from the utterance's own words.</summary>
    public bool IsContextUseless { get; set; }

    /// <summary>How often a pass heard nothing although somebody spoke.</summary>
    public int Blanks { get; set; }

    /// <summary>The latest words heard, and the last voiced sample that their pass knew of.</summary>
    public (string Text, long Voice) LatestWords { get; set; } = ("", 0);

    /// <summary>Whether the pass before those words heard words that began like them.</summary>
    public bool AreWordsHeardTwice { get; set; }

    /// <summary>Tokens of the latest hypothesis that was heard with <see cref="Context"/>.</summary>
    public int[]? ContextDraft { get; set; }

    /// <summary>Where the audio of the latest pass ended.</summary>
    public long HeardUntil { get; set; }

    /// <summary>The last voiced sample that the latest pass knew of.</summary>
    public long HeardVoice { get; set; }

    /// <summary>The latest final pass, and the last voiced sample that it knew of.</summary>
    public PassResult? Final { get; set; }

    public long FinalVoice { get; set; } = -1;

    /// <summary>The last voiced sample for which an early final was asked for: one is enough for each pause.</summary>
    public long TriedVoice { get; set; } = -1;

    public ErrorDetail? Failure { get; set; }

    /// <summary>Whether its text, or its failure, is known.</summary>
    public bool IsDone { get; set; }

    public string FinalText { get; set; } = "";

    public void ReleaseAudio()
    {
        Audio?.LetGo();
        Audio = null;
        Samples = default;
    }
}
