using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;

namespace AsrHub.Rtc.MediaServer.Tests.Hosting;

/// <summary>What the section Pool means for pools.</summary>
public sealed class PoolSettingsTests
{
    [Fact]
    public void Defaults_are_those_that_the_documentation_states()
    {
        var pool = Settings(new PoolSection()).For("default");
        Assert.Equal((true, 4, 12), (pool.Enabled, pool.MinSize, pool.MaxSize));
        Assert.Equal((300, 30, 60, 10), (pool.IdleTimeout.TotalSeconds, pool.AcquireTimeout.TotalSeconds, pool.HealthCheckInterval.TotalSeconds, pool.MaxLease.TotalSeconds));
        Assert.Equal((1, 12), (Settings(new PoolSection()).For("other").MinSize, Settings(new PoolSection()).For("other").MaxSize));
    }

    [Theory]
    [InlineData(2, 0, 2, 12)]
    [InlineData(20, 0, 20, 20)]
    [InlineData(0, 1, 1, 1)]
    [InlineData(2, 5, 2, 5)]
    public void Sizes_are_what_was_set(int min, int max, int expectedMin, int expectedMax)
    {
        var pool = Settings(new PoolSection { MinSize = min, MaxSize = max }).For("default");
        Assert.Equal((expectedMin, expectedMax), (pool.MinSize, pool.MaxSize));
    }

    [Fact]
    public void Models_that_are_loaded_after_a_change_are_served_by_it()
    {
        var settings = Settings(new PoolSection());
        settings.Replace(new PoolSection { Enabled = false });
        Assert.False(settings.For("other").Enabled);
    }

    [Fact]
    public void Sessions_wait_for_finals_until_three_providers_may_have_hung()
    {
        Assert.True(PoolSettings.Patience(new PoolSection()).FinalPatience > TimeSpan.FromSeconds(3 * 10.25));
        Assert.True(PoolSettings.Patience(new PoolSection { MaxLeaseSeconds = 60 }).FinalPatience > TimeSpan.FromSeconds(3 * 60.25));
        Assert.Equal(TimeSpan.FromSeconds(30), PoolSettings.Patience(new PoolSection { MaxLeaseSeconds = 2 }).FinalPatience);
    }

    private static PoolSettings Settings(PoolSection pool) =>
        new(new AsrHubOptions { Model = new ModelSection { Name = "default" }, Pool = pool }, recognizers: 4);
}
