using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// Spares a second final pass over the same audio: those who ask while the first runs share its result, those who ask shortly after get it from memory.
/// What is the same: every sample at 16 bits, model, language, prompt, and tenant, for nobody learns from another's audio.
/// </summary>
public sealed class PassCache
{
    private const int SamplesPerStep = 4096;
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private long _lookups;
    private long _hits;
    private long _joins;

    /// <summary>Makes a cache.</summary>
    /// <param name="window">How long results are kept; zero: never.</param>
    /// <param name="time">The clock.</param>
    public PassCache(TimeSpan window, TimeProvider time)
    {
        Window = window;
        _time = time;
    }

    /// <summary>How long results are kept.</summary>
    public TimeSpan Window { get; set; }

    /// <summary>Finals asked for.</summary>
    public long Lookups => Volatile.Read(ref _lookups);

    /// <summary>Finals answered from memory.</summary>
    public long Hits => Volatile.Read(ref _hits);

    /// <summary>Finals that waited for the same pass of another.</summary>
    public long Joins => Volatile.Read(ref _joins);

    /// <summary>Share of finals that needed no pass of their own, 0 to 1.</summary>
    public double HitRate => Lookups == 0 ? 0 : (double)(Hits + Joins) / Lookups;

    /// <summary>Finds the same pass, or takes it upon the caller.</summary>
    /// <param name="key">From <see cref="KeyOf"/>.</param>
    /// <param name="mine">Set when the caller runs the pass: it must complete it, whatever comes of it.</param>
    /// <returns>The result to wait for; it fails when the one who ran it did, and then the caller had better run its own.</returns>
    internal Task<PassResult>? Find(string key, out TaskCompletionSource<PassResult>? mine)
    {
        mine = null;
        lock (_lock)
        {
            _lookups++;
            var now = _time.GetTimestamp();
            Forget(now);
            if (_entries.TryGetValue(key, out var entry))
            {
                _ = entry.Result.Task.IsCompleted ? _hits++ : _joins++;
                return entry.Result.Task;
            }

            mine = new TaskCompletionSource<PassResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            _entries.Add(key, new Entry(mine));
            return null;
        }
    }

    /// <summary>Tells the result of a pass; null: it came to nothing.</summary>
    internal void Complete(string key, TaskCompletionSource<PassResult> mine, PassResult? result)
    {
        lock (_lock)
        {
            if (result is null)
            {
                _ = _entries.Remove(key);
            }
            else
            {
                _entries[key].ExpiresAt = _time.After(Window);
            }
        }

        _ = result is null ? mine.TrySetCanceled() : mine.TrySetResult(result);
    }

    internal static string KeyOf(ScheduledPass pass)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<short> step = stackalloc short[SamplesPerStep];
        var audio = pass.Request.Audio.Span;
        while (!audio.IsEmpty)
        {
            var count = Math.Min(audio.Length, SamplesPerStep);
            for (var i = 0; i < count; i++)
            {
                step[i] = (short)Math.Clamp(audio[i] * 32768f, short.MinValue, short.MaxValue);
            }

            hash.AppendData(MemoryMarshal.AsBytes(step[..count]));
            audio = audio[count..];
        }

        // Lengths first, so that no two different sets of texts run together into the same bytes.
        foreach (var text in new[] { pass.Model, pass.Request.Language ?? "", pass.Tenant, pass.Request.Prompt ?? "" })
        {
            hash.AppendData(BitConverter.GetBytes(text.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(text));
        }

        hash.AppendData([(byte)(pass.Request.WordTimes ? 1 : 0), (byte)(pass.Request.Translate ? 1 : 0)]);
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    private void Forget(long now)
    {
        foreach (var (key, entry) in _entries)
        {
            if (entry.ExpiresAt <= now)
            {
                _ = _entries.Remove(key);
            }
        }
    }

    private sealed class Entry(TaskCompletionSource<PassResult> result)
    {
        public TaskCompletionSource<PassResult> Result { get; } = result;

        public long ExpiresAt { get; set; } = long.MaxValue;
    }
}
