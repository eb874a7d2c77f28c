using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Signaling.Access;
using AsrHub.Rtc.Signaling.Contract;

namespace AsrHub.Rtc.MediaServer.Sessions;

/// <summary>Counts the sessions of the server, of each access key and of each address, and lets no more in than the settings allow.</summary>
internal sealed class SessionAdmission(SessionsSection limits)
{
    private readonly Dictionary<string, int> _ofKeys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ofAddresses = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private int _count;

    /// <summary>Sessions that have a place.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place; disposing of it frees it.</summary>
    /// <exception cref="ContractException">There is none for this caller.</exception>
    public IDisposable Enter(Caller caller)
    {
        lock (_lock)
        {
            if (_count >= limits.Max)
            {
                throw ContractException.Server(DoorErrorCodes.ServerFull, $"All {limits.Max} sessions of this server are taken. Try again later, or raise Sessions:Max.");
            }

            Check(_ofKeys, caller.Key, limits.MaxPerKey, "This access key", "MaxPerKey");
            Check(_ofAddresses, caller.Address, limits.MaxPerAddress, $"The address {caller.Address}", "MaxPerAddress");
            _count++;
            Change(_ofKeys, caller.Key, 1);
            Change(_ofAddresses, caller.Address, 1);
        }

        return new Place(this, caller);
    }

    private static void Check(Dictionary<string, int> counts, string? name, int most, string who, string setting)
    {
        if (name is not null && most > 0 && counts.GetValueOrDefault(name) >= most)
        {
            throw ContractException.Server(
                DoorErrorCodes.TooManySessions, $"{who} has {most} sessions, the most that it may have. Close one first, or raise Sessions:{setting}.");
        }
    }

    private static void Change(Dictionary<string, int> counts, string? name, int change)
    {
        if (name is null)
        {
            return;
        }

        var count = counts.GetValueOrDefault(name) + change;
        if (count > 0)
        {
            counts[name] = count;
        }
        else
        {
            _ = counts.Remove(name);
        }
    }

    private void Leave(Caller caller)
    {
        lock (_lock)
        {
            _count--;
            Change(_ofKeys, caller.Key, -1);
            Change(_ofAddresses, caller.Address, -1);
        }
    }

    private sealed class Place(SessionAdmission admission, Caller caller) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                admission.Leave(caller);
            }
        }
    }
}
