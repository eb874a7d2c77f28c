using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>Two associations with a network between them; the left one begins.</summary>
internal sealed class AssociationPair
{
    public AssociationPair(int seed = 1, SctpOptions? left = null, SctpOptions? right = null)
    {
        LeftEnd = new AssociationEndpoint((left ?? new SctpOptions()) with { RandomSeed = seed });
        RightEnd = new AssociationEndpoint((right ?? new SctpOptions()) with { RandomSeed = seed + 1000 });
        Network = new TestNetwork(LeftEnd, RightEnd, seed);
    }

    public AssociationEndpoint LeftEnd { get; }

    public AssociationEndpoint RightEnd { get; }

    public TestNetwork Network { get; }

    public SctpAssociation Left => LeftEnd.Association;

    public SctpAssociation Right => RightEnd.Association;

    public bool AreEstablished => Left.State == SctpState.Established && Right.State == SctpState.Established;

    public AssociationPair Establish()
    {
        Left.Connect(Network.Now);
        Assert.True(Network.RunUntil(() => AreEstablished));
        return this;
    }

    public void SendLeft(ReadOnlySpan<byte> data, ushort stream = 0, SctpReliability reliability = default) =>
        Assert.Equal(SctpSendResult.Queued, Left.Send(stream, 53, data, reliability, Network.Now));

    /// <summary>Sends a number each way and waits for both: proof that the association lives.</summary>
    public void AssertAlive()
    {
        var marker = BitConverter.GetBytes(Random.Shared.NextInt64());
        Assert.Equal(SctpSendResult.Queued, Left.Send(9, 53, marker, default, Network.Now));
        Assert.Equal(SctpSendResult.Queued, Right.Send(9, 53, marker, default, Network.Now));
        Assert.True(Network.RunUntil(() => Has(LeftEnd, marker) && Has(RightEnd, marker)));
    }

    private static bool Has(AssociationEndpoint end, byte[] marker) => end.Messages.Any(message => message.Data.Span.SequenceEqual(marker));
}
