using AsrHub.Rtc.Crypto;
using AsrHub.Rtc.Simulation.Tests.Network;

namespace AsrHub.Rtc.Simulation.Tests;

/// <summary>Runs alone: the count of native objects belongs to the whole process.</summary>
[CollectionDefinition("Native handles", DisableParallelization = true)]
public sealed class NativeHandlesCollection;

[Collection("Native handles")]
public sealed class LeakTests
{
    [Fact]
    public void Connect_speak_and_close_leaves_no_native_object_behind()
    {
        Cycle(0);
        var before = NativeHandles.Count;
        for (var i = 1; i <= 240; i++)
        {
            Cycle(i);
            Assert.Equal(before, NativeHandles.Count);
        }
    }

    private static void Cycle(int i)
    {
        using var call = new SimulatedCall(i);
        if (i % 8 == 7)
        {
            // Left in the middle of the handshake.
            Assert.True(call.RunUntil(() => call.Server.State == PeerState.Connecting));
            Assert.True(NativeHandles.Count > 0);
            return;
        }

        Assert.True(call.Connect(), call.ToString());
        FrameDelayTests.Speak(call, 3);
        if (i % 3 == 0)
        {
            call.Client.Close(call.Now);
        }
        else if (i % 3 == 1)
        {
            call.Server.Close(call.Now);
        }

        call.Run(Micros.Second);
    }
}
