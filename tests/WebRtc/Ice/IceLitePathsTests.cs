using AsrHub.Rtc.WebRtc.Ice;

namespace AsrHub.Rtc.WebRtc.Tests.Ice;

/// <summary>Which of the proved paths is used (RFC 8445 s8.1.1, aggressive nomination, renomination), and that they are bounded.</summary>
public sealed class IceLitePathsTests
{
    private readonly IceLiteAgent _agent = new(Check.Remote, IceLiteOptions.Default, 0);

    [Fact]
    public void Before_any_nomination_the_path_proved_last_is_used()
    {
        Nominate(1, useCandidate: false);
        Assert.Equal(Check.Path(1), _agent.SelectedPath);
        Nominate(2, useCandidate: false);
        Assert.Equal(Check.Path(2), _agent.SelectedPath);
    }

    [Fact]
    public void A_nominated_path_is_not_left_for_a_check_without_nomination()
    {
        Nominate(1);
        Nominate(2, useCandidate: false, now: 100 * Micros.Second);
        Assert.Equal(Check.Path(1), _agent.SelectedPath);
    }

    [Fact]
    public void The_last_nominated_path_wins()
    {
        Nominate(1);
        Nominate(2);
        Nominate(3);
        Assert.Equal(Check.Path(3), _agent.SelectedPath);
    }

    [Fact]
    public void Of_several_nominated_paths_the_one_with_media_wins_and_stays()
    {
        Nominate(1, now: 1);
        Nominate(2, now: 2);
        _agent.NoteAuthenticated(Check.Path(1), 3);
        Assert.Equal(Check.Path(1), _agent.SelectedPath);

        Nominate(2, now: 4);
        Assert.Equal(Check.Path(1), _agent.SelectedPath);

        Nominate(2, now: 4 + (2 * Micros.Second));
        Assert.Equal(Check.Path(2), _agent.SelectedPath);
    }

    [Fact]
    public void Media_from_a_path_that_was_not_nominated_does_not_move_the_destination()
    {
        Nominate(1);
        Nominate(2, useCandidate: false);
        _agent.NoteAuthenticated(Check.Path(2), 5);
        Assert.Equal(Check.Path(1), _agent.SelectedPath);
        _agent.NoteAuthenticated(Check.Path(9), 5);
        Assert.Equal(Check.Path(1), _agent.SelectedPath);
        Assert.False(_agent.IsValidPath(Check.Path(9)));
    }

    [Fact]
    public void The_highest_nomination_value_wins_whatever_the_order()
    {
        Nominate(1, nomination: 5);
        Nominate(2, nomination: 7);
        Nominate(1, nomination: 5, now: 60 * Micros.Second);
        Nominate(3, now: 60 * Micros.Second);
        Assert.Equal(Check.Path(2), _agent.SelectedPath);
        _agent.NoteAuthenticated(Check.Path(1), 60 * Micros.Second);
        Assert.Equal(Check.Path(2), _agent.SelectedPath);
        Nominate(1, nomination: 8);
        Assert.Equal(Check.Path(1), _agent.SelectedPath);
    }

    [Fact]
    public void Paths_are_bounded_and_the_used_one_is_kept()
    {
        Nominate(1, now: 1);
        for (var port = 2; port <= 200; port++)
        {
            Nominate(port, useCandidate: false, now: port);
        }

        Assert.Equal(Check.Path(1), _agent.SelectedPath);
        var valid = Enumerable.Range(1, 200).Where(p => _agent.IsValidPath(Check.Path(p))).ToList();
        Assert.Equal([1, 194, 195, 196, 197, 198, 199, 200], valid);
    }

    [Fact]
    public void The_same_remote_address_over_another_socket_is_another_path()
    {
        _ = _agent.Receive(Check.For(_agent).ToBytes(), Check.Path(1, socket: 0), 1);
        Assert.False(_agent.IsValidPath(Check.Path(1, socket: 1)));
    }

    private void Nominate(int port, bool useCandidate = true, uint nomination = 0, long now = 1)
    {
        Assert.Equal(IceCheckResult.Accepted, _agent.Receive(Check.For(_agent, useCandidate, nomination).ToBytes(), Check.Path(port), now));
        Assert.True(_agent.TryTransmit(out _));
    }
}
