using System.Runtime.CompilerServices;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>
/// Writes down recordings of any length: cuts them at pauses, has a few windows in the queue of the recognizers at once, and tells what was said in order. It
/// holds those windows and nothing else, so memory does not grow with the recording.
/// </summary>
public sealed class FileTranscriber
{
    // A language is believed once a window of some length told it with a clear margin; windows run one by one until then.
    private const float SureOfLanguage = 0.8f;
    private const int LongEnoughForLanguage = 16_000 * 3;
    private const int MostWindowsForLanguage = 5;
    private readonly IPassScheduler _scheduler;
    private readonly IVoiceActivityModel _activity;
    private readonly ModelInfo _model;
    private readonly CutOptions _cut;
    private readonly int _lookAhead;
    private readonly TimeProvider _time;

    /// <summary>Makes one; any number of recordings may go through it at once.</summary>
    /// <param name="scheduler">Runs the passes.</param>
    /// <param name="activity">Finds the pauses.</param>
    /// <param name="model">The model to use, one that the scheduler serves.</param>
    /// <param name="lookAhead">Windows of one recording in the queue at once: the number of recognizers and one more keeps them all busy; 1 for one after the other.</param>
    /// <param name="cut">Where to cut; null for the defaults.</param>
    /// <param name="time">The clock.</param>
    public FileTranscriber(IPassScheduler scheduler, IVoiceActivityModel activity, ModelInfo model, int lookAhead, CutOptions? cut = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(lookAhead, 1);
        _scheduler = scheduler;
        _activity = activity;
        _model = model;
        _lookAhead = lookAhead;
        _cut = (cut ?? new CutOptions()).For(model.MaxSamples);
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Transcribes a recording.</summary>
    /// <param name="pcm">Its samples, mono at 16 kHz; each piece is valid until the next is asked for.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What was said, in order, each piece as soon as it and all before it are known.</returns>
    /// <exception cref="RecognizerException">A window failed on every recognizer it was tried on.</exception>
    public async IAsyncEnumerable<TranscriptSegment> TranscribeAsync(
        IAsyncEnumerable<ReadOnlyMemory<float>> pcm, FileRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pcm);
        ArgumentNullException.ThrowIfNull(request);
        var id = "file_" + Guid.CreateVersion7().ToString("N");
        var language = new LanguageLock(request.Language, request.LanguageState, _model.Languages.Count == 1);
        var running = new Queue<RunningWindow>();
        using var cutter = new PauseCutter(_activity.CreateDetector(), _cut, request.Position);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var pieces = pcm.GetAsyncEnumerator(cancellationToken);
        try
        {
            for (var more = true; more;)
            {
                more = await pieces.MoveNextAsync();
                if (more)
                {
                    cutter.Write(pieces.Current.Span);
                }
                else
                {
                    cutter.End();
                }

                while (cutter.TryRead(out var window))
                {
                    while (running.Count >= (language.IsSettled ? _lookAhead : 1))
                    {
                        yield return await EndAsync(running.Dequeue(), request, language);
                    }

                    running.Enqueue(new RunningWindow(window, RunAsync(id, window, request, language.Code, stop.Token)));
                }

                while (running.TryPeek(out var oldest) && (!more || oldest.Pass.IsCompleted))
                {
                    yield return await EndAsync(running.Dequeue(), request, language);
                }
            }
        }
        finally
        {
            // The caller has left early, or a window failed: nothing of this recording stays behind in the queue.
            await stop.CancelAsync();
            foreach (var left in running)
            {
                await ((Task)left.Pass).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<PassResult> RunAsync(string id, SpeechWindow window, FileRequest request, string? language, CancellationToken cancellationToken)
    {
        try
        {
            var pass = new ScheduledPass
            {
                Model = _model.ServedAs,
                SessionId = $"{id}/{window.Start}",
                Tenant = request.Tenant,
                IsBatch = true,
                Owner = window.Audio,
                Deadline = _time.GetTimestamp(),
                Request = new PassRequest
                {
                    Audio = window.Samples,
                    IsFinal = true,
                    Language = language,
                    Prompt = request.Prompt,
                    Translate = request.Translate,
                    WordTimes = (request.WordTimes || _model.InventsEndings) && _model.HasWordTimes,
                },
            };
            return await _scheduler.RunAsync(pass, cancellationToken) ?? throw new RecognizerException("The recognizers left a window of a file out.");
        }
        finally
        {
            window.Audio.LetGo();
        }
    }

    private static async Task<TranscriptSegment> EndAsync(RunningWindow running, FileRequest request, LanguageLock language)
    {
        var window = running.Window;
        var result = await running.Pass;
        language.Hear(result, window.Length);
        var offset = (int)(window.Start / 16);
        var words = result.Words.Select(word => word with { StartMs = Math.Max(0, word.StartMs + offset), EndMs = Math.Max(0, word.EndMs + offset) }).ToArray();

        // A guard that stopped a short sound stopped noise; in longer speech what came before the loop was heard.
        var text = !result.WasGuarded ? result.Text : window.SpeechEnd - window.SpeechStart < 16_000 ? "" : LoopGuard.Trim(result.Text);
        if (result.WasGuarded || !request.WordTimes)
        {
            words = [];
        }

        // A model may hear a word begin before voice activity does, or end after it.
        var start = (int)(window.SpeechStart / 16);
        var end = (int)(window.SpeechEnd / 16);
        foreach (var word in words)
        {
            start = Math.Min(start, word.StartMs);
            end = Math.Max(end, word.EndMs);
        }

        return new TranscriptSegment(start, end, text.Trim(), result.Language ?? language.Code, words, window.Next)
        {
            LanguageState = language.State,
        };
    }

    private readonly record struct RunningWindow(SpeechWindow Window, Task<PassResult> Pass);

    private sealed class LanguageLock(string? told, LanguageState known, bool isOnlyOne)
    {
        private int _heard = known.Windows;
        private string? _believed = known.Code;

        public string? Code => told ?? _believed;

        public LanguageState State => new(_believed, _heard);

        public bool IsSettled => isOnlyOne || Code is not null || _heard >= MostWindowsForLanguage;

        public void Hear(PassResult result, int samples)
        {
            // Once windows run side by side, which of them would be told of a language that is found now is chance.
            if (IsSettled)
            {
                return;
            }

            _heard++;
            if (samples >= LongEnoughForLanguage && result.LanguageProbability >= SureOfLanguage)
            {
                _believed = result.Language;
            }
        }
    }
}
