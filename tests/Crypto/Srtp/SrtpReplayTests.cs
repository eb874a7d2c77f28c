using AsrHub.Rtc.Crypto.Srtp;

namespace AsrHub.Rtc.Crypto.Tests.Srtp;

/// <summary>Replays, reordering and the roll-over counter (RFC 3711 s3.3.1, s3.3.2, appendix A; traps 42 to 44, 46, 49).</summary>
public sealed class SrtpReplayTests
{
    public static TheoryData<SrtpProfile> Profiles => SrtpPair.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_packet_is_accepted_once(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var first = pair.Send(10);
        var second = pair.Send(11);
        Assert.Equal(SrtpStatus.Ok, pair.Receive(first));
        Assert.Equal(SrtpStatus.Replayed, pair.Receive(first));
        Assert.Equal(SrtpStatus.Ok, pair.Receive(second));
        Assert.Equal(SrtpStatus.Replayed, pair.Receive(first));
        Assert.Equal(SrtpStatus.Replayed, pair.Receive(second));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Late_packets_are_accepted_within_the_window_and_refused_behind_it(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var packets = Enumerable.Range(0, 1025).Select(i => pair.Send((ushort)i)).ToArray();
        Assert.Equal(SrtpStatus.Ok, pair.Receive(packets[1024]));
        Assert.Equal(SrtpStatus.TooOld, pair.Receive(packets[0]));
        for (var i = 1023; i >= 1; i--)
        {
            Assert.Equal(SrtpStatus.Ok, pair.Receive(packets[i]));
            Assert.Equal(SrtpStatus.Replayed, pair.Receive(packets[i]));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_roll_over_counter_moves_when_the_sequence_wraps(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        for (var i = 0; i < 3 * 65_536; i += 97)
        {
            Assert.Equal(SrtpStatus.Ok, pair.Receive(pair.Send((ushort)i)));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Packets_that_come_late_across_the_wrap_open(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var before = Enumerable.Range(65_500, 36).Select(i => pair.Send((ushort)i)).ToArray();
        var after = Enumerable.Range(0, 20).Select(i => pair.Send((ushort)i)).ToArray();
        Assert.Equal(SrtpStatus.Ok, pair.Receive(before[0]));
        foreach (var packet in after.Reverse().Concat(before.Skip(1).Reverse()))
        {
            Assert.Equal(SrtpStatus.Ok, pair.Receive(packet));
            Assert.Equal(SrtpStatus.Replayed, pair.Receive(packet));
        }

        Assert.Equal(SrtpStatus.Ok, pair.Receive(pair.Send(20)));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_jump_of_just_under_half_the_sequence_space_is_followed_forwards(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        foreach (var sequence in new[] { 40_000, 40_000 + 32_767, 40_000 + (2 * 32_767), 40_000 + (3 * 32_767) })
        {
            Assert.Equal(SrtpStatus.Ok, pair.Receive(pair.Send((ushort)sequence)));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_stream_that_began_before_the_wrap_is_joined_behind_it(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var packets = Enumerable.Range(65_530, 40).Select(i => pair.Send((ushort)i)).ToArray();
        foreach (var packet in packets.Skip(20))
        {
            Assert.Equal(SrtpStatus.Ok, pair.Receive(packet));
        }

        // What came late is from the roll-over before.
        Assert.Equal(SrtpStatus.Ok, pair.Receive(packets[3]));
        Assert.Equal(SrtpStatus.Replayed, pair.Receive(packets[3]));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_source_that_comes_back_keeps_its_roll_over_and_its_window(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        const uint A = 1;
        const uint B = 2;
        _ = pair.Receive(pair.Send(65_535, A));
        var wrapped = pair.Send(0, A);
        Assert.Equal(SrtpStatus.Ok, pair.Receive(wrapped));
        Assert.Equal(SrtpStatus.Ok, pair.Receive(pair.Send(500, B)));
        Assert.Equal(SrtpStatus.Replayed, pair.Receive(wrapped));
        Assert.Equal(SrtpStatus.Ok, pair.Receive(pair.Send(1, A)));
        Assert.Equal(2, pair.Receiver.RtpStreamCount);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_table_of_sources_is_bounded_and_gives_up_the_longest_silent(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        using var sender = new SrtpPair(profile);
        var first = pair.Send(1, ssrc: 1000);
        Assert.Equal(SrtpStatus.Ok, pair.Receive(first));
        var kept = pair.Send(1, ssrc: 1001);
        Assert.Equal(SrtpStatus.Ok, pair.Receive(kept));
        for (uint ssrc = 0; ssrc < SrtpStreamTable.Capacity - 1; ssrc++)
        {
            Assert.Equal(SrtpStatus.Ok, pair.Receive(sender.Send(1, ssrc)));
        }

        Assert.Equal(SrtpStreamTable.Capacity, pair.Receiver.RtpStreamCount);
        Assert.Equal(SrtpStatus.Replayed, pair.Receive(kept));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtcp_replays_are_judged_by_the_index_in_the_packet_per_source(SrtpProfile profile)
    {
        using var pair = new SrtpPair(profile);
        var packets = Enumerable.Range(0, 10).Select(_ => SrtpPair.ProtectRtcp(pair.Sender, SrtpPair.Rtcp(5))).ToArray();
        var other = SrtpPair.ProtectRtcp(pair.Sender, SrtpPair.Rtcp(6));
        foreach (var index in new[] { 9, 0, 5, 1 })
        {
            Assert.Equal(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtcp(packets[index].ToArray(), out var length));
            Assert.Equal(28, length);
            Assert.Equal(SrtpStatus.Replayed, pair.Receiver.TryUnprotectRtcp(packets[index].ToArray(), out _));
        }

        Assert.Equal(SrtpStatus.Ok, pair.Receiver.TryUnprotectRtcp(other, out _));
        Assert.Equal(2, pair.Receiver.RtcpStreamCount);
    }
}
