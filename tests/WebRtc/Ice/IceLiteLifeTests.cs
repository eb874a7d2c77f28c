using System.Text;
using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.WebRtc.Ice;

namespace AsrHub.Rtc.WebRtc.Tests.Ice;

/// <summary>Time-outs, consent and restarts.</summary>
public sealed class IceLiteLifeTests
{
    [Fact]
    public void Without_any_check_it_gives_up_after_the_initial_time()
    {
        var agent = new IceLiteAgent(Check.Remote, IceLiteOptions.Default, 100);
        Assert.Equal(100 + (30 * Micros.Second), agent.NextTimeout);
        agent.OnTimeout(agent.NextTimeout - 1);
        Assert.Equal(IceState.New, agent.State);
        agent.OnTimeout(agent.NextTimeout);
        Assert.Equal(IceState.NeverConnected, agent.State);
        Assert.Equal(Micros.Never, agent.NextTimeout);
        Assert.Equal(IceCheckResult.Closed, agent.Receive(Check.For(agent).ToBytes(), Check.Path(1), 31 * Micros.Second));
        Assert.Null(Check.Take(agent));
    }

    [Fact]
    public void Silence_disconnects_and_then_expires_consent()
    {
        var agent = Connected(out var since);
        RunTo(agent, since + (9 * Micros.Second));
        Assert.Equal(IceState.Connected, agent.State);
        RunTo(agent, since + (11 * Micros.Second));
        Assert.Equal(IceState.Disconnected, agent.State);
        Assert.NotNull(agent.SelectedPath);
        RunTo(agent, since + (31 * Micros.Second));
        Assert.Equal(IceState.Expired, agent.State);
        Assert.Null(agent.SelectedPath);
    }

    [Fact]
    public void A_late_sign_of_life_brings_it_back()
    {
        var agent = Connected(out var since);
        RunTo(agent, since + (20 * Micros.Second));
        agent.NoteAuthenticated(Check.Path(1), since + (20 * Micros.Second));
        Assert.Equal(IceState.Connected, agent.State);
        RunTo(agent, since + (29 * Micros.Second));
        Assert.Equal(IceState.Connected, agent.State);
    }

    [Fact]
    public void Unauthenticated_packets_keep_nothing_alive()
    {
        var agent = Connected(out var since);
        for (var second = 1; second <= 31; second++)
        {
            RunTo(agent, since + (second * Micros.Second));
            _ = agent.Receive(new Check { Username = Check.For(agent).Username, Password = "wrong-password-of-22-chars" }.ToBytes(), Check.Path(1), since + (second * Micros.Second));
            agent.NoteAuthenticated(Check.Path(77), since + (second * Micros.Second));
            _ = Check.Take(agent);
        }

        Assert.Equal(IceState.Expired, agent.State);
    }

    [Fact]
    public void A_client_that_checks_keeps_it_alive_for_a_day()
    {
        var agent = new IceLiteAgent(Check.Remote, IceLiteOptions.Default, 0);
        var client = new ClientIceAgent();
        agent.Restart(client.LocalCredentials);
        client.Start(agent.LocalCredentials, [Check.Path(1)], 0);
        for (long now = 0; now < 24 * 3600 * Micros.Second; now = Math.Min(agent.NextTimeout, client.NextTimeout))
        {
            client.OnTimeout(now);
            agent.OnTimeout(now);
            Exchange(client, agent, now);
        }

        Assert.Equal(IceState.Connected, agent.State);
        Assert.Equal(Check.Path(1), client.SelectedPath);
        Assert.Equal(Check.Path(1).Remote, client.MappedAddress);
        Assert.Equal(Check.Path(1), agent.SelectedPath);
        Assert.InRange(client.Answers, 24 * 3600 / 3, int.MaxValue);
    }

    [Fact]
    public void After_a_restart_old_checks_are_good_until_the_first_new_one()
    {
        var agent = Connected(out _);
        var old = Check.For(agent);
        var oldUfrag = agent.LocalCredentials.Ufrag;
        Assert.Null(agent.PreviousLocalUfrag);

        var newRemote = new IceCredentials("newfrag", "another-password-22-chars");
        agent.Restart(newRemote);
        Assert.NotEqual(oldUfrag, agent.LocalCredentials.Ufrag);
        Assert.Equal(oldUfrag, agent.PreviousLocalUfrag);
        Assert.Equal(IceCheckResult.Accepted, agent.Receive(old.ToBytes(), Check.Path(1), 5));
        Assert.Equal(Check.Path(1), agent.SelectedPath);

        var forged = new Check { Username = $"{agent.LocalCredentials.Ufrag}:{newRemote.Ufrag}", Password = "forged-password-22-chars!" };
        Assert.Equal(IceCheckResult.BadIntegrity, agent.Receive(forged.ToBytes(), Check.Path(2), 5));
        Assert.Equal(oldUfrag, agent.PreviousLocalUfrag);

        var fresh = new Check { Username = forged.Username, Password = agent.LocalCredentials.Password };
        Assert.Equal(IceCheckResult.Accepted, agent.Receive(fresh.ToBytes(), Check.Path(2), 6));
        Assert.Null(agent.PreviousLocalUfrag);
        Assert.Equal(IceCheckResult.WrongUsername, agent.Receive(old.ToBytes(), Check.Path(1), 7));
        Assert.True(agent.IsValidPath(Check.Path(1)), "media may still come by the old path");
    }

    [Fact]
    public void A_restart_starts_nomination_values_anew()
    {
        var agent = new IceLiteAgent(Check.Remote, IceLiteOptions.Default, 0);
        _ = agent.Receive(Check.For(agent, useCandidate: true, nomination: 90).ToBytes(), Check.Path(1), 1);
        agent.Restart(Check.Remote);
        _ = agent.Receive(Check.For(agent, useCandidate: true, nomination: 1).ToBytes(), Check.Path(2), 2);
        Assert.Equal(Check.Path(2), agent.SelectedPath);
    }

    [Fact]
    public void Firefox_style_nomination_of_all_paths_connects_and_follows_media()
    {
        var client = new ClientIceAgent(new ClientIceOptions { Aggressive = true });
        var agent = new IceLiteAgent(client.LocalCredentials, IceLiteOptions.Default, 0);
        client.Start(agent.LocalCredentials, [Check.Path(1), Check.Path(2), Check.Path(3)], 0);
        for (long now = 0; now < 20 * Micros.Second; now += 20 * Micros.Millisecond)
        {
            client.OnTimeout(now);
            Exchange(client, agent, now);
            if (now > Micros.Second)
            {
                agent.NoteAuthenticated(Check.Path(2), now);
                Assert.Equal(Check.Path(2), agent.SelectedPath);
            }
        }
    }

    [Fact]
    public void Local_credentials_are_random_and_long_enough()
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < 1000; i++)
        {
            var credentials = IceCredentials.Create(shard: 5);
            Assert.True(IceCredentials.IsValidUfrag(credentials.Ufrag));
            Assert.True(IceCredentials.IsValidPassword(credentials.Password));
            Assert.Equal('F', credentials.Ufrag[0]);
            Assert.True(seen.Add(credentials.Ufrag) && seen.Add(credentials.Password));
            Assert.DoesNotContain(credentials.Password, credentials.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_shared_port_finds_the_ufrag_of_a_request_and_of_nothing_else()
    {
        var agent = new IceLiteAgent(Check.Remote, IceLiteOptions.Default, 0);
        Assert.True(IceDemux.TryGetLocalUfrag(Check.For(agent).ToBytes(), out var ufrag));
        Assert.Equal(agent.LocalCredentials.Ufrag, Encoding.ASCII.GetString(ufrag));
        Assert.True(IceDemux.TryGetKey(ufrag, out var key));
        Assert.True(IceDemux.TryGetKey(Encoding.ASCII.GetBytes(agent.LocalCredentials.Ufrag), out var again));
        Assert.Equal(key, again);
        Assert.False(IceDemux.TryGetKey("short"u8, out _));
        Assert.False(IceDemux.TryGetLocalUfrag(new Check { Class = AsrHub.Rtc.WebRtc.Stun.StunClass.Indication, Username = "a:b" }.ToBytes(), out _));
        Assert.False(IceDemux.TryGetLocalUfrag(new Check { Username = "nocolonhere" }.ToBytes(), out _));
        Assert.False(IceDemux.TryGetLocalUfrag(new Check { Username = ":remote" }.ToBytes(), out _));
        Assert.False(IceDemux.TryGetLocalUfrag(new Check().ToBytes(), out _));
        Assert.False(IceDemux.TryGetLocalUfrag(new byte[200], out _));
    }

    private static IceLiteAgent Connected(out long since)
    {
        var agent = new IceLiteAgent(Check.Remote, IceLiteOptions.Default, 0);
        since = 1;
        Assert.Equal(IceCheckResult.Accepted, agent.Receive(Check.For(agent, useCandidate: true).ToBytes(), Check.Path(1), since));
        _ = Check.Take(agent);
        return agent;
    }

    private static void RunTo(IceLiteAgent agent, long end)
    {
        while (agent.NextTimeout <= end)
        {
            agent.OnTimeout(agent.NextTimeout);
        }
    }

    private static void Exchange(ClientIceAgent client, IceLiteAgent agent, long now)
    {
        var moved = true;
        while (moved)
        {
            moved = false;
            while (client.TryTransmit(out var request))
            {
                moved = true;
                _ = agent.Receive(request.Data.Span, request.Path, now);
                while (agent.TryTransmit(out var response))
                {
                    _ = client.Receive(response.Data.Span, response.Path, now);
                }
            }
        }
    }
}
