using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Models;

/// <summary>
/// A model that sessions can use, counted: it is offered to new sessions until another takes its place, and let go of when the last session that
/// uses it has ended.
/// </summary>
public sealed class ServedModel
{
    private readonly Action? _unused;
    private int _holders = 1;

    /// <summary>Makes one; who offers it is its first holder.</summary>
    /// <param name="info">What it is.</param>
    /// <param name="unused">Called once, by whoever lets go last; null for nothing.</param>
    public ServedModel(ModelInfo info, Action? unused = null)
    {
        Info = info;
        _unused = unused;
    }

    /// <summary>What it is.</summary>
    public ModelInfo Info { get; }

    /// <summary>Adds a holder, unless the last has gone already.</summary>
    public bool TryHold()
    {
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    /// <summary>Lets go.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _unused?.Invoke();
        }
    }
}
