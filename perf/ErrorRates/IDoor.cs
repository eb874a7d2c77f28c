namespace AsrHub.Rtc.ErrorRates;

/// <summary>A way by which sound reaches the recognizers.</summary>
internal interface IDoor : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Whether it can take many minutes of sound in less.</summary>
    bool IsQuick { get; }

    /// <summary>Gives it a recording; returns the finals, joined. One at a time.</summary>
    Task<string> HearAsync(Recording recording);
}
