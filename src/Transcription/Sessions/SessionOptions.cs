namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>How sessions pace their work; the server's choice, the same for all.</summary>
public sealed record SessionOptions
{
    /// <summary>Opus audio that may wait for a session.</summary>
    public TimeSpan PacketBacklog { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Live audio that may wait while a session hears a file.</summary>
    public TimeSpan BacklogBesideFile { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>PCM that may wait for a session before its writer has to.</summary>
    public TimeSpan PcmBacklog { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Speech before the first partial pass.</summary>
    public TimeSpan FirstPartial { get; init; } = TimeSpan.FromMilliseconds(320);

    /// <summary>Speech between partial passes.</summary>
    public TimeSpan PartialInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a partial pass may wait for a recognizer.</summary>
    public TimeSpan PartialPatience { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Silence after which the final pass starts, ahead of the endpoint.</summary>
    public TimeSpan EarlyFinal { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Voice a turn must have to be worth a pass; less is a cough or a door.</summary>
    public TimeSpan MinVoiced { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest stretch of audio for one pass.</summary>
    public TimeSpan MaxTurn { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How far finals may fall behind before the item is given up.</summary>
    public TimeSpan FinalPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a closing session goes without any pass of it ending before it closes without its last finals.</summary>
    public TimeSpan ClosePatience { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>The same for a file, whose windows may have to wait while people speak.</summary>
    public TimeSpan BatchClosePatience { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long no packet comes before the clock counts as silence.</summary>
    public TimeSpan PacketStall { get; init; } = TimeSpan.FromMilliseconds(120);

    /// <summary>How long no PCM comes before the clock counts as silence: those doors send in lumps.</summary>
    public TimeSpan PcmStall { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Passes that a file session has in the queue at once.</summary>
    public int BatchPasses { get; init; } = 4;

    /// <summary>Utterances shorter than this are heard together with the end of the one before; zero: never.</summary>
    public TimeSpan ContextBelow { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The same for models that hear long turns in parts, and only in the final pass over a whole turn: a short answer.</summary>
    public TimeSpan ShortAnswer { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much of the utterance before is heard again.</summary>
    public TimeSpan ContextLength { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Longest silence after which the utterance before still helps.</summary>
    public TimeSpan ContextGap { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>Who waits for a session's text.</summary>
public enum SessionKind
{
    /// <summary>A person who speaks: partials, and turns end by the clock when audio stops coming.</summary>
    Live,

    /// <summary>A file: no partials, several passes at once, and audio comes as fast as it is taken.</summary>
    Batch,
}
