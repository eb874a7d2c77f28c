using AsrHub.Rtc.Simulation.Tests.Network;

namespace AsrHub.Rtc.Simulation.Tests;

public sealed class HandshakeUnderLossTests
{
    [Fact]
    public void Connects()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect(), call.ToString());
    }
}
