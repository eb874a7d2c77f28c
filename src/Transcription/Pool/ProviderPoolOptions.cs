namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>Size and limits of a pool; may be replaced while it runs.</summary>
public sealed record ProviderPoolOptions
{
    /// <summary>False: one provider only, whatever the sizes say (the way back to a single instance).</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Providers kept ready.</summary>
    public int MinSize { get; init; } = 2;

    /// <summary>Providers at most.</summary>
    public int MaxSize { get; init; } = 5;

    /// <summary>How long a provider above <see cref="MinSize"/> may idle before it is given up.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How long a request waits.</summary>
    public TimeSpan AcquireTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an idle provider is tried with test audio.</summary>
    public TimeSpan HealthCheckInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a lease may last; after it the pass is told to end.</summary>
    public TimeSpan MaxLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long making a provider and its first pass may take; after it another is made.</summary>
    public TimeSpan CreationTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a pass that was told to end may take to do so, before its provider is put in quarantine and replaced.</summary>
    public TimeSpan TerminationGrace { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Failures in a row after which a provider is replaced without a trial.</summary>
    public int MaxConsecutiveFailures { get; init; } = 3;

    /// <summary>Providers that hang in calls that do not return; where there are so many, no more are made until one comes back.</summary>
    public int MaxQuarantined { get; init; } = 8;

    internal int EffectiveMin => Enabled ? Math.Max(1, MinSize) : 1;

    internal int EffectiveMax => Enabled ? Math.Max(EffectiveMin, MaxSize) : 1;
}
