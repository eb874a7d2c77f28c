namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>What went wrong with a provider, for whoever keeps a log. Sessions are told in their own way, and mostly need not know.</summary>
/// <param name="Model">Name of the model served.</param>
/// <param name="What">What happened, and what was done about it, in one sentence.</param>
/// <param name="Exception">What was thrown; null where nothing was.</param>
public sealed record PoolFault(string Model, string What, Exception? Exception);
