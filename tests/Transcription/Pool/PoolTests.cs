using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

/// <summary>A pool of scripted providers on a clock that moves when told to.</summary>
public abstract class PoolTests : IAsyncDisposable
{
    protected PoolTests()
    {
        Broker = new LeaseBroker(Time, maxConcurrent: 100);
    }

    protected static LeaseRequest Final { get; } = new();

    protected ManualTime Time { get; } = new();

    protected LeaseBroker Broker { get; }

    protected ProviderPool? Pool { get; set; }

    private protected ScriptedModel Model { get; } = new();

    public async ValueTask DisposeAsync()
    {
        if (Pool is not null)
        {
            await Pool.DisposeAsync();
        }

        Broker.Dispose();
        GC.SuppressFinalize(this);
        Assert.Equal(0, Model.Alive);
    }

    protected async Task<ProviderPool> StartAsync(int min, int max)
    {
        Pool = new ProviderPool("scripted", Model.CreateRecognizer, new ProviderPoolOptions { MinSize = min, MaxSize = max }, Broker);
        await Pool.StartAsync(CancellationToken.None);
        return Pool;
    }

    protected static Task<ProviderLease> Acquire(ProviderPool pool, LeaseRequest? request = null) =>
        pool.AcquireAsync(request ?? Final, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
}
