using AsrHub.Rtc.Transcription.Moonshine;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

/// <summary>The installed model, loaded once for a class of tests.</summary>
public sealed class MoonshineFixture : IDisposable
{
    private readonly Lazy<MoonshineModel> _own = new(() => MoonshineModel.Load());
    private readonly Lazy<MoonshineModel> _shipped = new(() => MoonshineModel.Load(new MoonshineSettings { UseKernels = false }));

    public MoonshineModel Own => _own.Value;

    public MoonshineModel Shipped => _shipped.Value;

    public void Dispose()
    {
        if (_own.IsValueCreated)
        {
            _own.Value.Dispose();
        }

        if (_shipped.IsValueCreated)
        {
            _shipped.Value.Dispose();
        }
    }
}
