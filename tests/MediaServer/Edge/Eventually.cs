using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until a condition holds; a busy machine may take its time.</summary>
    public static async Task Holds(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"did not come true in {Patience.TotalSeconds} s: {what}");
            await Task.Delay(5);
        }
    }
}
