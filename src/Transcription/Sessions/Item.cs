using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>A turn as clients see it: announced once, closed by one <c>completed</c> or <c>failed</c>.</summary>
internal sealed class Item(string id, SessionSettings settings, ModelInfo model)
{
    public string Id { get; } = id;

    /// <summary>The settings it began with; an update counts from the next item on.</summary>
    public SessionSettings Settings { get; } = settings;

    public ModelInfo Model { get; } = model;

    /// <summary>Utterances whose text has not been published.</summary>
    public Queue<Utterance> Utterances { get; } = new();

    /// <summary>Whether clients know of it.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>Whether no more speech comes to it.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Text of the published utterances.</summary>
    public string Text { get; set; } = "";

    /// <summary>All deltas.</summary>
    public string Said { get; set; } = "";

    public int Revision { get; set; }

    public long AudioSamples { get; set; }

    public string? Language { get; set; }

    public List<WordTime> Words { get; } = [];

    /// <summary>Whether words of the text have no times.</summary>
    public bool LacksWords { get; set; }

    public Events.ErrorDetail? Failure { get; set; }

    /// <summary>The latest interim, so that the same is not said twice.</summary>
    public (string Committed, string Tail) Shown { get; set; } = ("", "");

    /// <summary>What goes between text and text that follows.</summary>
    public static string Separator(string before, string next) =>
        before.Length == 0 || next.Length == 0 || char.IsWhiteSpace(next[0]) || TextUnit.WritesNoSpaces(next, 0) ? "" : " ";
}
