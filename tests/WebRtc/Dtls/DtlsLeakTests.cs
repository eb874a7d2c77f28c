using AsrHub.Rtc.Crypto;

namespace AsrHub.Rtc.WebRtc.Tests.Dtls;

/// <summary>Runs alone: the count of native objects belongs to the whole process.</summary>
[CollectionDefinition("Native handles", DisableParallelization = true)]
public sealed class NativeHandlesCollection;

[Collection("Native handles")]
public sealed class DtlsLeakTests
{
    [Fact]
    public void Native_objects_are_gone_after_every_way_to_end()
    {
        var before = NativeHandles.Count;
        for (var i = 0; i < 8; i++)
        {
            using var pair = new DtlsPair(clientShowsCertificate: i % 2 == 0);
            pair.Start();
            pair.Run(i < 4 ? 60 * Micros.Second : 0);
            Assert.True(NativeHandles.Count > before);
        }

        Assert.Equal(before, NativeHandles.Count);
    }
}
