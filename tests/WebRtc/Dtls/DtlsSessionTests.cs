using AsrHub.Rtc.WebRtc.Dtls;

namespace AsrHub.Rtc.WebRtc.Tests.Dtls;

public sealed class DtlsSessionTests
{
    [Fact]
    public void Packets_keep_their_borders_and_their_order()
    {
        using var pair = Connected();
        for (var i = 1; i <= 50; i++)
        {
            Assert.True(pair.Client.Send(Enumerable.Repeat((byte)i, i * 20).ToArray()));
        }

        pair.Run();
        for (var i = 1; i <= 50; i++)
        {
            Assert.True(pair.Server.TryRead(out var packet));
            Assert.Equal(i * 20, packet.Length);
            Assert.True(packet.Span.IndexOfAnyExcept((byte)i) < 0);
        }

        Assert.False(pair.Server.TryRead(out _));
    }

    [Fact]
    public void Several_records_in_one_datagram_are_all_read()
    {
        using var pair = Connected();
        pair.Wire = static (_, datagrams) => [datagrams.SelectMany(d => d).ToArray()];
        Assert.True(pair.Client.Send([1]));
        Assert.True(pair.Client.Send([2, 2]));
        Assert.True(pair.Client.Send([3, 3, 3]));
        pair.Run();

        Assert.True(pair.Server.TryRead(out var first));
        Assert.True(pair.Server.TryRead(out var second));
        Assert.True(pair.Server.TryRead(out var third));
        Assert.Equal([1, 2, 3], new[] { first.Length, second.Length, third.Length });
    }

    [Fact]
    public void A_replayed_record_is_read_once()
    {
        using var pair = Connected();
        pair.Wire = static (_, datagrams) => datagrams.Concat(datagrams).Concat(datagrams);
        Assert.True(pair.Client.Send([7]));
        pair.Run();

        Assert.True(pair.Server.TryRead(out _));
        Assert.False(pair.Server.TryRead(out _));
    }

    [Fact]
    public void Nothing_is_sent_or_read_before_the_certificate_is_proved()
    {
        using var pair = new DtlsPair();
        pair.Start();
        Assert.False(pair.Client.Send([1]));
        Assert.False(pair.Server.Send([1]));
        Assert.False(pair.Server.TryRead(out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_close_is_told_to_the_other_side_which_answers(bool clientCloses)
    {
        using var pair = Connected();
        var sent = pair.Sent.Count;
        var (closing, other) = clientCloses ? (pair.Client, pair.Server) : (pair.Server, pair.Client);
        closing.Close();
        pair.Run();

        Assert.Equal(DtlsEnd.Local, closing.End);
        Assert.Equal(DtlsEnd.Remote, other.End);
        Assert.Contains(pair.Sent.Skip(sent), datagram => datagram.FromClient == clientCloses);
        Assert.Contains(pair.Sent.Skip(sent), datagram => datagram.FromClient != clientCloses);
    }

    // RFC 8842 s4: a new DTLS association needs a new description.
    [Fact]
    public void A_second_client_hello_changes_nothing()
    {
        using var pair = Connected();
        using var certificate = DtlsCertificate.Create();
        using var intruder = new DtlsEndpoint(DtlsRole.Client, certificate, certificate.Fingerprint);
        intruder.Start(pair.Now);
        pair.Server.Receive(Assert.Single(DtlsPair.Drain(intruder)), pair.Now);

        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.Empty(DtlsPair.Drain(pair.Server));
        Assert.True(pair.Client.Send([5]));
        pair.Run();
        Assert.True(pair.Server.TryRead(out _));
    }

    [Fact]
    public void A_live_session_survives_every_prefix_and_mutation_of_every_datagram()
    {
        using var pair = Connected();
        Assert.True(pair.Client.Send([1, 2, 3, 4]));
        pair.Run();
        Assert.True(pair.Server.TryRead(out _));
        var random = new Random(1);
        foreach (var (_, datagram) in pair.Sent.ToList())
        {
            for (var length = 0; length < datagram.Length; length++)
            {
                pair.Server.Receive(datagram.AsSpan(0, length), pair.Now);
                var mutated = (byte[])datagram.Clone();
                mutated[length] ^= (byte)(1 << random.Next(8));
                pair.Server.Receive(mutated, pair.Now);
                mutated[length] = (byte)random.Next(256);
                pair.Server.Receive(mutated, pair.Now);
            }
        }

        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.False(pair.Server.TryRead(out _));
        Assert.True(pair.Client.Send([9]));
        pair.Run();
        Assert.True(pair.Server.TryRead(out var packet));
        Assert.Equal([9], packet.ToArray());
    }

    [Fact]
    public void A_handshake_with_mutated_datagrams_in_between_never_throws()
    {
        List<(bool FromClient, byte[] Data)> recorded;
        using (var pair = Connected())
        {
            recorded = pair.Sent.ToList();
        }

        var random = new Random(2);
        foreach (var (fromClient, datagram) in recorded)
        {
            for (var at = 0; at < datagram.Length; at += 1 + random.Next(12))
            {
                using var fresh = new DtlsPair();
                var endpoint = fromClient ? fresh.Server : fresh.Client;
                fresh.Start();
                var mutated = (byte[])datagram.Clone();
                mutated[at] ^= (byte)(1 << random.Next(8));
                endpoint.Receive(mutated, fresh.Now);
                endpoint.Receive(datagram.AsSpan(0, at), fresh.Now);
                Assert.NotEqual(DtlsState.Connected, endpoint.State);
            }
        }
    }

    private static DtlsPair Connected()
    {
        var pair = new DtlsPair();
        pair.Start();
        pair.Run();
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.Equal(DtlsState.Connected, pair.Client.State);
        return pair;
    }
}
