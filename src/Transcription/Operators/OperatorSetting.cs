namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>An operator as a session's settings name it (<c>x-operators</c>).</summary>
/// <param name="Type">Which, e.g. <c>high-pass</c>.</param>
/// <param name="Options">Its options that differ from the defaults; truth values are 1 and 0.</param>
public sealed record OperatorSetting(string Type, IReadOnlyDictionary<string, double> Options)
{
    /// <inheritdoc/>
    public bool Equals(OperatorSetting? other) =>
        other is not null && Type == other.Type && Options.Count == other.Options.Count
        && Options.All(option => other.Options.TryGetValue(option.Key, out var value) && value.Equals(option.Value));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Options.Count);

    internal double Get(string name, double fallback) => Options.TryGetValue(name, out var value) ? value : fallback;
}
