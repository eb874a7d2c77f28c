using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>Decides when a session's next pass is due, asks for it, and reads its result. Runs on the session's pump alone.</summary>
internal sealed class PassPlanner(SessionContext context, SpeechTimeline timeline, ItemBook book) : IDisposable
{
    // What follows the last voiced window still belongs to its word; silence beyond that is not worth encoding.
    private const long Trail = 16 * 250;

    // Where silence has begun, the early final will hear what a partial would.
    private const int SilenceBegun = 16 * 64;

    // How often a blank is doubted, and how much of the quiet before the words is left out each time.
    private const int MostBlanks = 3;
    private const int ShortestLead = 16 * 100;

    // A session's partials take at most one part in so many of a recognizer's time: dear models get fewer.
    private const int PartialShare = 4;
    private static readonly int[] LeadCuts = [0, 16 * 300, 16 * 450, 16 * 150];
    private static readonly TimeSpan BlankRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FinalDue = TimeSpan.FromMilliseconds(100);
    private readonly List<Utterance> _closed = [];
    private readonly LanguageLock _language = new();
    private readonly PassMemory _memory = new();
    private int _running;
    private long _nextPartial;
    private double _lastPassSeconds;
    private double _partialCost;
    private long? _forgetAt;
    private PrecedingSpeech? _preceding;

    /// <summary>Partial passes that were left out.</summary>
    public long PartialsSkipped { get; private set; }

    /// <summary>Duration of the last pass, waiting included.</summary>
    public double LastPassMs => _lastPassSeconds * 1000;

    /// <summary>Whether passes are under way, or turns that have ended wait for theirs.</summary>
    public bool IsBusy => _running > 0 || _closed.Count > 0;

    /// <summary>Samples of closed utterances that have no text yet.</summary>
    public long PendingSamples { get; private set; }

    /// <summary>When the oldest closed utterance will be given up; null when none waits or the session can wait for ever.</summary>
    public long? GiveUpAt =>
        _closed.Count == 0 || context.Kind == SessionKind.Batch ? null : context.Time.After(_closed[0].ClosedAt, context.Options.FinalPatience);

    /// <summary>When what passes have kept is of no more use, because nobody speaks; null when nothing is kept or somebody does.</summary>
    public long? ForgetAt => _running > 0 ? null : _forgetAt;

    /// <summary>An utterance begins.</summary>
    public void Begin(Utterance utterance)
    {
        _nextPartial = utterance.SpeechStart + SessionContext.Samples(context.Options.FirstPartial);
        _forgetAt = null;
    }

    /// <summary>Nobody speaks from now on.</summary>
    public void Idle(long now) => _forgetAt = context.Kind == SessionKind.Live ? context.Time.After(now, context.Options.ContextGap) : null;

    /// <summary>An utterance has ended.</summary>
    public void Close(Utterance utterance, long end, long lastVoiced, long voiced, long now)
    {
        utterance.IsClosed = true;
        utterance.End = end;
        utterance.LastVoiced = lastVoiced;
        utterance.ClosedAt = now;
        Idle(now);
        if (utterance.Job?.Voice > end)
        {
            // The turn was cut, and this hears words of the next as well.
            Cancel(utterance);
        }

        if (!IsWorthAPass(utterance, voiced))
        {
            Done(utterance, "");
        }
        else if (utterance.Final is not null && utterance.FinalVoice >= lastVoiced && utterance.FinalVoice <= end)
        {
            Done(utterance, TextOf(utterance, utterance.Final, voiced));
        }
        else
        {
            utterance.Audio = timeline.Hold(utterance.Lead, Math.Min(end, lastVoiced + Trail), out var samples);
            utterance.Samples = samples;
            _closed.Add(utterance);
            PendingSamples += samples.Length;
        }
    }

    /// <summary>Asks for the passes that are due.</summary>
    /// <param name="open">The utterance that is spoken, if any.</param>
    /// <param name="isPaused">Whether its speaker pauses.</param>
    /// <param name="clockSilence">Samples of silence that the clock has counted since the last sample.</param>
    /// <param name="now">The time.</param>
    public void Plan(Utterance? open, bool isPaused, long clockSilence, long now)
    {
        if (_preceding is { } preceding && timeline.Position - preceding.End > SessionContext.Samples(context.Options.ContextGap) && open is null)
        {
            _preceding = null;
        }

        if (ForgetAt <= now)
        {
            _forgetAt = null;
            _memory.Clear();
        }

        GiveUp(now);
        PlanFinals(now);
        if (open is null || context.Kind == SessionKind.Batch || _closed.Count > 0)
        {
            return;
        }

        var detector = timeline.Detector;
        if (isPaused && open.HeardVoice >= detector.LastVoicedSample)
        {
            book.Wait(open, (int)SessionContext.Milliseconds(timeline.Position + clockSilence - open.HeardVoice));
            Bound(open);
        }

        var load = context.Scheduler.GetLoad(open.Item.Model.ServedAs);
        var voice = detector.LastVoicedSample;
        if (load >= PassLoad.FinalsOnly || !IsWorthAPass(open, detector.VoicedSamples))
        {
            return;
        }

        if (isPaused)
        {
            if (open.TriedVoice < voice && open.Job is not { IsFinal: true })
            {
                open.TriedVoice = voice;
                _nextPartial = detector.Position + SessionContext.Samples(context.Options.PartialInterval);
                Start(open, isFinal: true, Math.Min(timeline.Position, voice + Trail), voice, now);
            }
        }
        else if (load < PassLoad.PausesOnly && open.Job is null && _running == 0 && voice > open.HeardVoice && detector.Position >= _nextPartial
            && detector.SilenceSamples < SilenceBegun)
        {
            var interval = Math.Max(
                SessionContext.Samples(context.Options.PartialInterval) * (load == PassLoad.Stretched ? 2 : 1), Math.Max((long)(_lastPassSeconds * 16_000), PartialRest));
            _nextPartial = detector.Position + interval;
            Start(open, isFinal: false, timeline.Position, voice, now);
        }
    }

    /// <summary>A pass has ended.</summary>
    public void Ended(PassJob job, long now)
    {
        _running--;
        var utterance = job.Utterance;
        if (utterance.Job == job)
        {
            utterance.Job = null;
        }

        job.Dispose();
        if (job.Result is not null)
        {
            _lastPassSeconds = context.Time.Seconds(job.AskedAt, now);
            _partialCost = job.IsFinal ? _partialCost : (job.Result.Cost.EncodeMicros + job.Result.Cost.DecodeMicros) * 1e-6;
            _language.Observe(job.Result, job.Samples);
        }

        if (job.IsCancelled || utterance.IsDone)
        {
            return;
        }

        if (IsBlank(job))
        {
            if (utterance.Blanks < MostBlanks)
            {
                // Small models fall silent now and then on audio that they hear well when it begins a little later.
                utterance.Blanks++;
                utterance.TriedVoice = -1;
                _nextPartial = Math.Min(_nextPartial, timeline.Detector.Position + Math.Max(SessionContext.Samples(BlankRetry), PartialRest));
            }

            return;
        }

        if (job is { Result: { } both, Context: { } preceding })
        {
            job.Result = preceding.Strip(both);
            if (job.Result is null || (job.IsFinal && job.Result.Text.Length == 0 && HasVoice(job)))
            {
                // The next pass, at once where this was a final, hears the utterance alone: it may be more than the two together told of it.
                utterance.IsContextUseless = true;
                utterance.TriedVoice = -1;
                return;
            }

            utterance.ContextDraft = both.Tokens;
        }

        if (job is { Skipped: > 0, Result.Words.Count: > 0 })
        {
            job.Result = job.Result with { Words = [.. job.Result.Words.Select(word => word with { StartMs = word.StartMs + (job.Skipped / 16), EndMs = word.EndMs + (job.Skipped / 16) })] };
        }

        if (job.Result is null)
        {
            NotHeard(job);
        }
        else if (job.IsFinal && utterance.IsClosed && job.Voice >= utterance.LastVoiced)
        {
            utterance.Final = job.Result;
            Done(utterance, TextOf(utterance, job.Result, utterance.LastVoiced - utterance.SpeechStart));
        }
        else if (!job.Result.WasGuarded)
        {
            Heard(job, job.Result);
        }
        else if (job.IsFinal)
        {
            // Nothing to show, but the next final would come to the same.
            utterance.Final = job.Result;
            utterance.FinalVoice = job.Voice;
        }
    }

    /// <summary>Takes back the pass of an utterance.</summary>
    public void Cancel(Utterance utterance)
    {
        if (utterance.Job is { } job)
        {
            job.IsCancelled = true;
            utterance.Job = null;
            _ = job.Cancellation.CancelAsync();
        }

        if (_closed.Remove(utterance))
        {
            PendingSamples -= utterance.Samples.Length;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    /// <summary>Takes everything back.</summary>
    public void CancelAll(Utterance? open)
    {
        if (open is not null)
        {
            Cancel(open);
        }

        while (_closed.Count > 0)
        {
            Cancel(_closed[0]);
        }
    }

    private bool IsBlank(PassJob job) =>
        job.Result is { WasGuarded: false } result
        && result.Text.Length == 0
        && (job.IsFinal ? job.Utterance.Blanks < MostBlanks : !job.Utterance.IsClosed)
        && HasVoice(job);

    private bool HasVoice(PassJob job) => job.Voice - job.Utterance.SpeechStart >= SessionContext.Samples(context.Options.MinVoiced);

    /// <summary>Less voice is a cough or a door, unless it is the end of what was cut.</summary>
    private bool IsWorthAPass(Utterance utterance, long voiced) => utterance.ContinuesCut || voiced >= SessionContext.Samples(context.Options.MinVoiced);

    /// <summary>Samples from one partial to the next that its share of a recognizer makes at least.</summary>
    private long PartialRest => (long)(_partialCost * PartialShare * 16_000);

    /// <summary>Keeps a cut from coming before what has been sent for good.</summary>
    private void Bound(Utterance open) => timeline.Detector.EarliestCut = Math.Max(timeline.Detector.EarliestCut, open.SpeechStart + (open.Text.CommittedMs * 16L));

    private void PlanFinals(long now)
    {
        var limit = context.Kind == SessionKind.Batch ? context.Options.BatchPasses : 1;
        for (var i = 0; i < _closed.Count && i < limit; i++)
        {
            var utterance = _closed[i];
            if (utterance.Job is not { IsFinal: true } job || job.Voice < utterance.LastVoiced)
            {
                Start(utterance, isFinal: true, utterance.End, utterance.LastVoiced, now);
            }
        }
    }

    private void Start(Utterance utterance, bool isFinal, long until, long voice, long now)
    {
        if (utterance.Job is { } other)
        {
            other.IsCancelled = true;
            _ = other.Cancellation.CancelAsync();
        }

        var preceding = ContextFor(utterance, until - utterance.Start, isFinal);
        var samples = utterance.Samples;
        var audio = utterance.Audio?.Hold() ?? timeline.Hold(utterance.Lead, until, out samples);
        var skipped = (int)Math.Clamp(LeadCuts[utterance.Blanks % LeadCuts.Length], 0, Math.Max(0, utterance.SpeechStart - utterance.Lead - ShortestLead));
        samples = samples[skipped..];
        if (preceding is not null)
        {
            var both = new SharedAudio(preceding.Samples.Length + samples.Length);
            preceding.Samples.CopyTo(both.Array, 0);
            samples.CopyTo(both.Array.AsMemory(preceding.Samples.Length));
            samples = both.Array.AsMemory(0, preceding.Samples.Length + samples.Length);
            audio.LetGo();
            audio = both;
        }

        var job = new PassJob(utterance, isFinal) { Audio = audio, Until = until, Samples = samples.Length, Skipped = skipped, Voice = voice, AskedAt = now, Context = preceding };
        var settings = utterance.Item.Settings;
        var pass = new ScheduledPass
        {
            Model = utterance.Item.Model.ServedAs,
            SessionId = context.Kind == SessionKind.Batch ? $"{context.Id}/{utterance.Start}" : context.Id,
            Tenant = context.Tenant,
            IsBatch = context.Kind == SessionKind.Batch,
            Owner = audio,
            Deadline = context.Time.After(isFinal ? FinalDue : context.Options.PartialPatience),
            Request = new PassRequest
            {
                Audio = samples,
                Draft = preceding is null ? utterance.Draft : utterance.ContextDraft ?? preceding.Tokens,
                IsFinal = isFinal,
                Language = settings.Language ?? (utterance.Item.Model.DetectsLanguage ? _language.Language : null),
                Prompt = settings.Prompt,
                Translate = settings.Translate,
                Memory = context.Kind == SessionKind.Batch ? null : _memory,
                WordTimes = isFinal && utterance.Item.Model.HasWordTimes && (utterance.Item.Model.InventsEndings || settings.Include.HasFlag(SessionIncludes.Words)),
            },
        };
        utterance.Job = job;
        _running++;
        _ = RunAsync(job, pass);
    }

    private PrecedingSpeech? ContextFor(Utterance utterance, long samples, bool isFinal)
    {
        if (utterance.Context is null && !utterance.IsContextUseless && _preceding is { } preceding)
        {
            utterance.Context = preceding;
        }

        return utterance.Context is { } speech
            && !utterance.IsContextUseless
            && utterance.Blanks % 2 == 0
            && samples < SessionContext.Samples(ContextBelow(utterance, isFinal))
            && utterance.SpeechStart - speech.End < SessionContext.Samples(context.Options.ContextGap)
                ? speech
                : null;
    }

    private TimeSpan ContextBelow(Utterance utterance, bool isFinal) =>
        utterance.Item.Model.PartSamples == 0 ? context.Options.ContextBelow : isFinal && !utterance.ContinuesTurn ? context.Options.ShortAnswer : TimeSpan.Zero;

    private async Task RunAsync(PassJob job, ScheduledPass pass)
    {
        try
        {
            job.Result = await context.Scheduler.RunAsync(pass, job.Cancellation.Token);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            job.Failure = exception;
        }

        job.Audio.LetGo();
        context.PassEnded(job);
    }

    private void Heard(PassJob job, PassResult result)
    {
        var utterance = job.Utterance;
        if (result.Text.Length > 0)
        {
            utterance.AreWordsHeardTwice = TextUnit.BeginAlike(result.Text, utterance.LatestWords.Text);
            utterance.LatestWords = (result.Text, job.Voice);
        }

        utterance.Draft = result.Tokens;
        utterance.HeardUntil = job.Until;
        utterance.HeardVoice = job.Voice;
        if (job.IsFinal)
        {
            utterance.Final = result;
            utterance.FinalVoice = job.Voice;
        }

        book.Hear(
            utterance,
            result,
            (int)SessionContext.Milliseconds(job.Voice - utterance.SpeechStart),
            (int)SessionContext.Milliseconds(Math.Max(0, job.Until - job.Voice)),
            job.Until);
        if (!utterance.IsClosed)
        {
            Bound(utterance);
        }
    }

    private void NotHeard(PassJob job)
    {
        var utterance = job.Utterance;
        if (!job.IsFinal)
        {
            PartialsSkipped++;
            _nextPartial = Math.Min(_nextPartial, timeline.Detector.Position + (SessionContext.Samples(context.Options.PartialInterval) / 2));
        }
        else if (utterance.IsClosed && job.Voice >= utterance.LastVoiced)
        {
            utterance.Failure = new ErrorDetail(
                ErrorTypes.Transcription,
                ErrorCodes.TranscriptionFailed,
                $"The recognizers failed on this turn: {job.Failure?.Message ?? "no result"} Speak again; if it goes on, tell the operator.");
            Done(utterance, "");
        }
    }

    private void GiveUp(long now)
    {
        while (GiveUpAt is { } at && at <= now)
        {
            var utterance = _closed[0];
            utterance.Failure = new ErrorDetail(
                ErrorTypes.Server,
                ErrorCodes.TranscriptionOverloaded,
                $"The server could not transcribe this turn within {context.Options.FinalPatience.TotalSeconds:0} s; it has too much to do. Try again later.");
            Cancel(utterance);
            Done(utterance, "");
        }
    }

    private void Done(Utterance utterance, string text)
    {
        Cancel(utterance);
        Remember(utterance, text);
        utterance.FinalText = text.Trim();
        utterance.IsDone = true;
    }

    /// <summary>Keeps the end of the utterance for the one after it.</summary>
    private void Remember(Utterance utterance, string text)
    {
        if (text.Length == 0 || context.Kind == SessionKind.Batch || context.Options.ContextBelow == TimeSpan.Zero)
        {
            return;
        }

        var held = utterance.Audio?.Hold();
        var samples = utterance.Samples;
        held ??= timeline.Hold(utterance.Lead, Math.Min(utterance.End, utterance.LastVoiced + Trail), out samples);
        _preceding = new PrecedingSpeech(samples.Span, (int)SessionContext.Samples(context.Options.ContextLength), text, utterance.Draft, utterance.LastVoiced);
        held.LetGo();
    }

    private static string TextOf(Utterance utterance, PassResult result, long voiced)
    {
        if (result.WasGuarded)
        {
            // A guard that stopped a short sound stopped noise; in longer speech what came before the loop was heard.
            return voiced < 16_000 ? "" : LoopGuard.Trim(result.Text);
        }

        // Words that two passes heard, and that no later voice has put in doubt, outweigh a final that fell silent. What one pass alone heard may be noise.
        var (text, voice) = utterance.LatestWords;
        return result.Text.Length == 0 && utterance.AreWordsHeardTwice && voice >= utterance.LastVoiced - 8_000 && voice <= utterance.End ? text : result.Text;
    }
}
