using System.Collections.Concurrent;

namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>
/// Answers the questions of all sessions on threads of its own: a judgement costs as much as a short pass, and neither audio nor finals wait for it. A judge
/// that throws or hangs costs the shortened wait and nothing else.
/// </summary>
public sealed class TurnJudges : IDisposable
{
    // More pauses than that at once are not judged in time anyway.
    private const int MostWaiting = 32;
    private static readonly TimeSpan LastJudgement = TimeSpan.FromSeconds(1);
    private readonly BlockingCollection<TurnQuestion> _questions = new(MostWaiting);
    private readonly List<Thread> _threads = [];
    private long _answered;
    private long _failed;
    private long _leftOut;

    /// <summary>Makes the judges and their threads.</summary>
    /// <param name="model">What they listen with; stays the caller's, and is to be disposed of after this.</param>
    /// <param name="count">How many judge at once.</param>
    public TurnJudges(ITurnCompletionModel model, int count)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        MaxSamples = model.MaxSamples;
        foreach (var judge in Enumerable.Range(0, count).Select(_ => model.CreateJudge()).ToList())
        {
            var thread = new Thread(() => Work(judge)) { IsBackground = true, Name = "turn judge" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>The longest stretch of audio that is of use, in samples.</summary>
    public int MaxSamples { get; }

    /// <summary>Questions answered.</summary>
    public long Answered => Volatile.Read(ref _answered);

    /// <summary>Questions on which a judge failed.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Questions that came when too many waited, or whose pause was over when their turn came.</summary>
    public long LeftOut => Volatile.Read(ref _leftOut);

    /// <summary>Asks.</summary>
    /// <param name="question">The question; its audio is the queue's from here on.</param>
    public void Ask(TurnQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (_questions.IsAddingCompleted || !_questions.TryAdd(question))
        {
            question.Audio.LetGo();
            _ = Interlocked.Increment(ref _leftOut);
        }
    }

    /// <summary>Ends the threads; one that hangs in the model is left to itself.</summary>
    public void Dispose()
    {
        _questions.CompleteAdding();
        var ended = true;
        foreach (var thread in _threads)
        {
            ended &= thread.Join(LastJudgement);
        }

        if (ended)
        {
            _questions.Dispose();
        }
    }

    private void Work(ITurnCompletion judge)
    {
        using (judge)
        {
            foreach (var question in _questions.GetConsumingEnumerable())
            {
                Judge(judge, question);
            }
        }
    }

    private void Judge(ITurnCompletion judge, TurnQuestion question)
    {
        var isAnswered = false;
        try
        {
            if (question.IsMoot || _questions.IsAddingCompleted)
            {
                _ = Interlocked.Increment(ref _leftOut);
                return;
            }

            question.Complete = judge.Judge(question.Samples.Span, question.Silence);
            isAnswered = true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Without an answer the session's own endpoint counts.
            _ = Interlocked.Increment(ref _failed);
        }
        finally
        {
            question.Audio.LetGo();
        }

        if (isAnswered)
        {
            question.Answered(question);
            _ = Interlocked.Increment(ref _answered);
        }
    }
}
