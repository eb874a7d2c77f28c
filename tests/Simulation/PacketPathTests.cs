using AsrHub.Rtc.Simulation.Tests.Network;

namespace AsrHub.Rtc.Simulation.Tests;

public sealed class PacketPathTests
{
    [Theory]
    [InlineData("SRTP_AEAD_AES_128_GCM")]
    [InlineData("SRTP_AES128_CM_SHA1_80")]
    public void Audio_through_a_connected_peer_allocates_nothing(string profile)
    {
        const int Warm = 500;
        const int Measured = 2_000;
        using var call = new SimulatedCall(1, client: new ClientPeer.ClientPeerOptions { SrtpProfiles = profile });
        Assert.True(call.Connect());
        var datagrams = new List<byte[]>();
        for (var i = 0; i < Warm + Measured; i++)
        {
            Assert.True(call.Client.SendAudio(new byte[80]));
            Assert.True(call.Client.TryTransmit(out var datagram));
            datagrams.Add(datagram.Data.ToArray());
        }

        var path = new TransportPath(0, call.From);
        var now = call.Now;
        Assert.Equal(Warm, Feed(0, Warm));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var frames = Feed(Warm, Measured);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(Measured, frames);
        Assert.Equal(0, allocated);

        int Feed(int first, int count)
        {
            var read = 0;
            for (var i = first; i < first + count; i++)
            {
                now += 20 * Micros.Millisecond;
                if (call.Server.NextTimeout <= now)
                {
                    call.Server.OnTimeout(now);
                }

                call.Server.Receive(datagrams[i], path, now);
                while (call.Server.TryReadFrame(out _))
                {
                    read++;
                }

                while (call.Server.TryTransmit(out _) || call.Server.TryEvent(out _))
                {
                }
            }

            return read;
        }
    }
}
