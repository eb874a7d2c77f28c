using AsrHub.Rtc.Simulation.Tests.Network;

namespace AsrHub.Rtc.Simulation.Tests;

/// <summary>Speech recognition pays for every millisecond that a frame is held: loss must cost one packet time at most, and order nothing.</summary>
public sealed class FrameDelayTests
{
    private const int Packets = 100;
    private const long PacketTime = 20 * Micros.Millisecond;

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void One_lost_packet_delays_no_frame_by_more_than_one_packet_time(int jitterMilliseconds)
    {
        var conditions = new NetworkConditions(30 * Micros.Millisecond, jitterMilliseconds * Micros.Millisecond);
        var reference = Talk(conditions, lost: -1);
        Assert.Equal(Packets, reference.Count);
        for (var lost = 1; lost < Packets - 1; lost += 7)
        {
            var torn = Talk(conditions, lost);
            Assert.Equal(Packets - 1, torn.Count);
            foreach (var (packet, frame) in torn)
            {
                Assert.True(
                    frame.At - reference[packet].At <= PacketTime,
                    $"Packet {packet} came {frame.At - reference[packet].At} us later because {lost} was lost.");
                Assert.Equal(packet == lost + 1 ? 1 : 0, frame.LostBefore);
            }
        }
    }

    [Fact]
    public void A_frame_in_order_is_released_in_the_moment_it_arrives()
    {
        foreach (var (_, frame) in Talk(new NetworkConditions(30 * Micros.Millisecond), lost: -1))
        {
            Assert.Equal(frame.ArrivedAt, frame.At);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Loss_reordering_and_duplicates_leave_order_and_count_right(int seed)
    {
        var conditions = new NetworkConditions(30 * Micros.Millisecond, 30 * Micros.Millisecond, Loss: 0.1, Duplicate: 0.2, Reorder: 0.1);
        using var call = new SimulatedCall(seed, conditions);
        Assert.True(call.Connect(), call.ToString());
        Speak(call, 500);

        var numbers = call.Frames.Select(frame => BitConverter.ToInt32(frame.Payload)).ToList();
        Assert.Equal(numbers.Order().Distinct(), numbers);
        var expected = numbers[0];
        foreach (var (frame, payload, _) in call.Frames)
        {
            expected += frame.LostBefore;
            Assert.Equal(expected++, BitConverter.ToInt32(payload));
        }

        Assert.InRange(numbers.Count, 350, 499);
    }

    [Fact]
    public void Comfort_noise_and_telephone_events_are_not_released_and_are_no_loss()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        for (var i = 0; i < 30; i++)
        {
            var type = (byte)(i % 3 == 1 ? 13 : i % 3 == 2 ? 126 : 111);
            Assert.True(call.Client.SendRtp(new WebRtc.Rtp.RtpHeader(type, (ushort)(65_530 + i), (uint)(i * 960), 77), [1, 2, 3]));
            call.Run(PacketTime);
        }

        Assert.Equal(10, call.Frames.Count);
        Assert.All(call.Frames, frame => Assert.Equal(0, frame.Frame.LostBefore));
    }

    [Fact]
    public void Receiver_reports_come_once_a_second_while_audio_flows_and_stop_with_it()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        Speak(call, 250);
        Assert.InRange(call.Client.ReportsReceived, 4, 6);
        call.Run(2 * Micros.Second);
        var reports = call.Client.ReportsReceived;
        call.Run(5 * Micros.Second);
        Assert.Equal(reports, call.Client.ReportsReceived);
    }

    internal static void Speak(SimulatedCall call, int packets)
    {
        for (var i = 0; i < packets; i++)
        {
            Assert.True(call.Client.SendAudio(BitConverter.GetBytes(i)));
            call.Run(PacketTime);
        }
    }

    /// <summary>When each packet came out, in time since the first was sent.</summary>
    private static Dictionary<int, (long At, long ArrivedAt, int LostBefore)> Talk(NetworkConditions conditions, int lost)
    {
        using var call = new SimulatedCall(5, conditions);
        Assert.True(call.Connect(), call.ToString());

        // Settles what the handshake left under way, so that the same seed deals the same fates to the audio of every run.
        call.Run(500 * Micros.Millisecond);
        var audio = 0;
        call.Network.Filter = datagram => datagram.To != NetworkEnd.Server || datagram.Data[0] < 128 || audio++ != lost;
        var begun = call.Now;
        Speak(call, Packets);
        call.Run(Micros.Second);
        return call.Frames.ToDictionary(
            frame => BitConverter.ToInt32(frame.Payload),
            frame => (frame.At - begun, frame.Frame.ArrivedAt - begun, frame.Frame.LostBefore));
    }
}
