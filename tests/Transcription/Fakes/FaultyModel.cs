using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Fakes;

/// <summary>What is wrong with a pass.</summary>
public enum Fault
{
    None,

    /// <summary>The recognizer throws, and goes on throwing.</summary>
    Dies,

    /// <summary>All recognizers there are die at once, with whatever they are doing.</summary>
    AllDie,

    /// <summary>The runtime works on and on, until it is told to end.</summary>
    Hangs,

    /// <summary>The call does not return, told or not, until the test lets it.</summary>
    IsDeaf,

    /// <summary>The pass takes long.</summary>
    IsSlow,

    /// <summary>What comes back is no transcript.</summary>
    IsJunk,
}

/// <summary>A real model some of whose passes go wrong. The first attempt at each request is the one that may, so that one and the same request fails once: one with the same samples, for every attempt gets a copy of the request.</summary>
internal sealed class FaultyModel(IRecognizerModel inner, Func<PassRequest, Fault> plan) : IRecognizerModel
{
    private readonly ConcurrentDictionary<int, int> _attempts = new();
    private readonly ConcurrentDictionary<FaultyRecognizer, int> _alive = new();
    private readonly ManualResetEventSlim _release = new();
    private int _creations;
    private int _faults;

    public ModelInfo Info => inner.Info;

    /// <summary>Faults that happened.</summary>
    public int Faults => Volatile.Read(ref _faults);

    /// <summary>Recognizers that were made and not disposed of.</summary>
    public int Alive => _alive.Count;

    /// <summary>Attempts to make a recognizer that failed.</summary>
    public int FailedCreations { get; private set; }

    /// <summary>Whether every second recognizer cannot be made.</summary>
    public bool FailsToLoad { get; set; }

    public IRecognizer CreateRecognizer()
    {
        if (FailsToLoad && Interlocked.Increment(ref _creations) % 2 == 1)
        {
            FailedCreations++;
            throw new RecognizerException("it cannot be loaded");
        }

        var recognizer = new FaultyRecognizer(this, inner.CreateRecognizer());
        _alive[recognizer] = 0;
        return recognizer;
    }

    public string Decode(ReadOnlySpan<int> tokens) => inner.Decode(tokens);

    public ReadOnlySpan<byte> TokenBytes(int token) => inner.TokenBytes(token);

    /// <summary>Lets the deaf calls return.</summary>
    public void Release() => _release.Set();

    /// <summary>The model itself stays the test's.</summary>
    public void Dispose() => _release.Dispose();

    private Fault FaultOf(PassRequest pass)
    {
        // Passes of 16,000 samples are the pool's own, over its test audio.
        var fault = pass.Audio.Length != 16_000 && _attempts.AddOrUpdate(KeyOf(pass), 1, static (_, n) => n + 1) == 1 ? plan(pass) : Fault.None;
        _ = fault == Fault.None ? 0 : Interlocked.Increment(ref _faults);
        return fault;
    }

    private static int KeyOf(PassRequest pass)
    {
        var key = new HashCode();
        key.AddBytes(MemoryMarshal.AsBytes(pass.Audio.Span));
        key.Add(pass.IsFinal);
        return key.ToHashCode();
    }

    private sealed class FaultyRecognizer(FaultyModel model, IRecognizer inner) : IRecognizer
    {
        private volatile bool _isDead;

        public ModelInfo Model => inner.Model;

        public PassResult Run(PassRequest pass)
        {
            ThrowIfDead();
            switch (model.FaultOf(pass))
            {
                case Fault.Dies:
                    _isDead = true;
                    break;
                case Fault.AllDie:
                    foreach (var (one, _) in model._alive)
                    {
                        one._isDead = true;
                        one.Terminate();
                    }

                    break;
                case Fault.Hangs:
                    while (true)
                    {
                        _ = inner.Run(new PassRequest { Audio = pass.Audio, IsFinal = true });
                    }

                case Fault.IsDeaf:
                    model._release.Wait();
                    break;
                case Fault.IsSlow:
                    Thread.Sleep(TimeSpan.FromSeconds(1));
                    break;
                case Fault.IsJunk:
                    return new PassResult { Text = new string('x', 100_000), Tokens = new int[100_000], Confidences = [float.NaN] };
                case Fault.None:
                default:
                    break;
            }

            ThrowIfDead();
            try
            {
                return inner.Run(pass);
            }
            finally
            {
                ThrowIfDead();
            }
        }

        public void Terminate() => inner.Terminate();

        public void Dispose()
        {
            inner.Dispose();
            _ = model._alive.TryRemove(this, out _);
        }

        private void ThrowIfDead()
        {
            if (_isDead)
            {
                throw new RecognizerException("the recognizer is dead");
            }
        }
    }
}
