using AsrHub.Rtc.Transcription.Moonshine;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

/// <summary>The installed model, loaded once for a class of tests.</summary>
public sealed class MoonshineFixture : IDisposable
{
    private readonly Lazy<MoonshineModel> _prepared = new(() => MoonshineModel.Load());
    private readonly Lazy<MoonshineModel> _shipped = new(() => MoonshineModel.Load(new MoonshineSettings { UsePreparedGraphs = false }));

    public MoonshineModel Prepared => _prepared.Value;

    public MoonshineModel Shipped => _shipped.Value;

    public void Dispose()
    {
        if (_prepared.IsValueCreated)
        {
            _prepared.Value.Dispose();
        }

        if (_shipped.IsValueCreated)
        {
            _shipped.Value.Dispose();
        }
    }
}
