using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>Everything that a session's pump owns: decoder, time line, items, passes. No member is called by two threads at once.</summary>
internal sealed class SessionCore : ITurnListener, IAudioSink, IDisposable
{
    private const int ShortestCommit = 16 * 100;
    private const int WaitingStep = 16 * 500;
    private readonly SessionContext _context;
    private readonly Func<SessionSettings, ResolvedSettings> _resolve;
    private readonly OpusTrack _track = new();
    private readonly SpeechTimeline _timeline;
    private readonly ItemBook _book;
    private readonly PassPlanner _planner;
    private readonly PauseJudge _judge;
    private readonly HeldModels _models;
    private readonly OperatorChain _operators;
    private SessionSettings _settings;
    private Item? _item;
    private Utterance? _utterance;
    private bool _clockPaused;
    private long _clockSilence;
    private bool _lastWasPcm;
    private long _lastAudioAt;
    private long _absorbed;
    private long _sinceCommit;
    private string? _closeReason;
    private long? _closeBy;
    private bool _isAborted;
    private long _now;

    public SessionCore(
        SessionContext context, IVoiceActivityDetector activity, SessionSettings settings, ServedModel model, Func<SessionSettings, ResolvedSettings> resolve)
    {
        _context = context;
        _settings = settings;
        _models = new HeldModels(model);
        _resolve = resolve;
        _operators = new OperatorChain(context.Operators, new OperatorHost(context.Id, context.Log, context.Time));
        _operators.Use(settings.Operators);
        _timeline = new SpeechTimeline(activity, MakeTurnOptions(settings), this);
        _book = new ItemBook(context);
        Report = new SessionReport(context);
        _planner = new PassPlanner(context, _timeline, _book);
        _judge = new PauseJudge(context, _timeline);
        _ = context.Log.Append(new TranscriptEvent.SessionCreated(Snapshot));
    }

    public SessionSnapshot Snapshot => new(_context.Id, _models.Current.Name, _settings);

    /// <summary>Whether the last event is out.</summary>
    public bool IsClosed { get; private set; }

    /// <inheritdoc cref="PassPlanner.IsBusy"/>
    public bool IsBusy => _planner.IsBusy;

    /// <summary>Whether audio that can wait may come: a file waits while its turns wait for the recognizers.</summary>
    public bool WantsAudio =>
        _planner.PendingSamples < SessionContext.Samples(_context.Options.MaxTurn) * (_context.Kind == SessionKind.Batch ? _context.Options.BatchPasses : 2);

    public SessionReport Report { get; }

    public void Accept(in EncodedAudio audio)
    {
        if (_isAborted)
        {
            return;
        }

        _lastAudioAt = _now;
        _lastWasPcm = false;
        Report.Arrived(audio.RtpTimestamp, audio.ArrivedAt);
        _clockPaused = false;
        _operators.Packet(audio);
        _track.Receive(audio, this);
        _absorbed = 0;
    }

    public void AcceptPcm(ReadOnlySpan<float> pcm)
    {
        if (_isAborted)
        {
            return;
        }

        _lastAudioAt = _now;
        _lastWasPcm = true;
        _clockPaused = false;
        _absorbed = 0;
        Samples(pcm);
    }

    /// <inheritdoc/>
    public void Samples(ReadOnlySpan<float> pcm)
    {
        _sinceCommit += pcm.Length;
        _operators.Process(pcm, _lastWasPcm ? AudioDoor.Pcm : AudioDoor.Opus, _timeline);
    }

    /// <inheritdoc/>
    public void Silence(long count)
    {
        // What the clock has already counted as silence is not counted again when the sender's own timestamps tell of it.
        var known = Math.Min(count, _absorbed);
        _absorbed -= known;
        _sinceCommit += count - known;
        _operators.Silence(count - known, _lastWasPcm ? AudioDoor.Pcm : AudioDoor.Opus);
        _timeline.Silence(count - known);
    }

    /// <summary>Parts what was heard from what comes, the microphone's from a recording's: no turn reaches across, and no padding of one.</summary>
    public void Part()
    {
        if (!_isAborted)
        {
            Commit(null, quietly: true);
            _timeline.Skip(0);
        }
    }

    public void Apply(SessionCommand command)
    {
        switch (command)
        {
            case SessionCommand.Update update:
                Update(update.Settings, update.CausedBy);
                break;
            case SessionCommand.Commit commit:
                Commit(commit.CausedBy);
                break;
            case SessionCommand.Clear:
                Clear();
                break;
            case SessionCommand.Report report:
                Error(report.Error);
                break;
            case SessionCommand.Close close:
                _closeReason ??= close.Reason;
                Commit(null, quietly: true);
                break;
            case SessionCommand.Abort abort:
                _closeReason ??= abort.Reason;
                Abort(new ErrorDetail(ErrorTypes.Server, ErrorCodes.SessionClosed, "The session ended before this turn had its text."));
                break;
            default:
                throw new InvalidOperationException($"Unknown command {command.GetType().Name}.");
        }
    }

    public void PassEnded(PassJob job)
    {
        _planner.Ended(job, _now);
        _closeBy = _closeBy is null ? null : CloseBy();
    }

    public void TurnJudged(TurnQuestion question) => _judge.Answered(question, _settings.TurnDetection);

    /// <summary>Begins a round of the pump.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isClosing">Whether the session was told to close, though there may be audio before that.</param>
    public void Begin(long now, bool isClosing)
    {
        _now = now;
        if (isClosing)
        {
            _closeBy ??= CloseBy();
        }
    }

    /// <summary>
    /// Gives everything up where the session was told to close and no recognizer has returned for too long. Before the round hears audio: what waits to be heard because passes are behind must still
    /// be taken in, or the session would wait for it for ever.
    /// </summary>
    public void GiveUpWhenOverdue()
    {
        if (_closeBy <= _now && !_isAborted)
        {
            Abort(new ErrorDetail(
                ErrorTypes.Server,
                ErrorCodes.TranscriptionOverloaded,
                $"The session closed, and no recognizer returned for {ClosePatience.TotalSeconds:0} s, so this turn has no text. Try again later; if it stays, look into the server's log."));
        }
    }

    /// <summary>Ends a round: lets the clock speak where audio does not, asks for passes, publishes.</summary>
    /// <param name="isDrained">Whether all audio that has come was heard; else the clock has no say yet.</param>
    /// <returns>When the next round is due without a cause from outside; null for never.</returns>
    public long? Finish(bool isDrained)
    {
        var next = isDrained ? FeedClock() : null;
        var isPaused = _timeline.Detector.IsPaused || _clockPaused;
        _planner.Plan(_utterance, isPaused, _clockSilence, _now);
        _judge.Plan(_settings.TurnDetection, _utterance, isPaused);
        _book.Publish();
        if (_item is null && _book.IsEmpty)
        {
            _models.KeepCurrent();
        }

        Report.Say(_settings.Include, _timeline.Position, _track.Counters, _planner, _now);
        if (_closeReason is not null && isDrained && _book.IsEmpty && !IsClosed)
        {
            IsClosed = true;
            EndOperators();
            _ = _context.Log.Append(new TranscriptEvent.Closed(_closeReason));
        }

        return Earlier(Earlier(next, Earlier(_planner.GiveUpAt, _planner.ForgetAt)), _isAborted ? null : _closeBy);
    }

    /// <summary>Gives everything up.</summary>
    public void Abort(ErrorDetail error)
    {
        _isAborted = true;
        _planner.CancelAll(_utterance);
        _utterance = null;
        _item = null;
        _timeline.Discard();
        _book.FailAll(error);
        EndOperators();
        _closeReason ??= error.Message;
    }

    /// <inheritdoc/>
    public void OnTurn(TurnSignal signal)
    {
        var detector = _timeline.Detector;
        switch (signal)
        {
            case TurnSignal.Started:
                Open(detector.StartSample, detector.SpeechSample);
                break;
            case TurnSignal.Ended:
                Close(detector.EndSample, detector.EndedLastVoicedSample);
                break;
            case TurnSignal.Parted:
                ClosePart(detector.EndSample, detector.EndedLastVoicedSample);
                Open(detector.StartSample, detector.SpeechSample, continuesTurn: true);
                break;
            case TurnSignal.Cut:
                Close(detector.EndSample, detector.EndedLastVoicedSample);
                Open(detector.StartSample, detector.SpeechSample, continuesCut: true);
                break;
            case TurnSignal.None or TurnSignal.Paused or TurnSignal.Resumed:
            default:
                break;
        }
    }

    public void Dispose()
    {
        _judge.Withdraw();
        _operators.Dispose();
        _models.Dispose();
        _timeline.Dispose();
        _planner.Dispose();
        _track.Dispose();
    }

    /// <summary>Before the last event, so that what goes wrong when a recording is finished can still be told.</summary>
    private void EndOperators() => _operators.Dispose();

    private TimeSpan ClosePatience => _context.Kind == SessionKind.Batch ? _context.Options.BatchClosePatience : _context.Options.ClosePatience;

    private long CloseBy() => _context.Time.After(_now, ClosePatience);

    private void Open(long start, long speech, bool continuesCut = false, bool continuesTurn = false)
    {
        _item ??= _book.Open(_settings, _models.Current);
        if (_settings.TurnDetection is not null && !_item.IsAnnounced)
        {
            _book.SpeechStarted(_item, start);
        }

        var lead = _item.Model.WantsQuiet ? _timeline.LeadSample : Math.Max(_timeline.FirstSample, _timeline.Detector.LeadSample);
        _utterance = new Utterance(_item, start, lead) { SpeechStart = speech, ContinuesCut = continuesCut, ContinuesTurn = continuesTurn };
        _item.Utterances.Enqueue(_utterance);
        _planner.Begin(_utterance);
    }

    private void Close(long end, long lastVoiced)
    {
        ClosePart(end, lastVoiced);
        if (_settings.TurnDetection is not null)
        {
            _book.SpeechStopped(_item!, end);
            CommitItem();
        }
    }

    private void ClosePart(long end, long lastVoiced)
    {
        var utterance = _utterance!;
        _utterance = null;
        _clockPaused = false;
        _planner.Close(utterance, end, lastVoiced, _timeline.Detector.EndedVoicedSamples, _now);
    }

    private void CommitItem()
    {
        _book.Commit(_item!);
        _item = null;
        _sinceCommit = 0;
    }

    private void Commit(string? causedBy, bool quietly = false)
    {
        var byHand = _settings.TurnDetection is null;
        if (byHand ? _sinceCommit < ShortestCommit : _utterance is null)
        {
            if (!quietly)
            {
                Error(new ErrorDetail(
                    ErrorTypes.InvalidRequest,
                    ErrorCodes.CommitEmpty,
                    byHand
                        ? $"There are {SessionContext.Milliseconds(_sinceCommit)} ms of audio since the last commit; at least 100 ms are needed."
                        : "Nobody is speaking, so there is nothing to commit; the server commits turns by itself.",
                    CausedByEventId: causedBy));
                return;
            }

            if (_item is null)
            {
                return;
            }
        }

        _timeline.End();
        if (byHand && (!quietly || _item is not null))
        {
            _item ??= _book.Open(_settings, _models.Current);
            CommitItem();
        }
    }

    private void Clear()
    {
        if (_item is { } item)
        {
            foreach (var utterance in item.Utterances)
            {
                _planner.Cancel(utterance);
            }

            ItemBook.Drop(item);
            _item = null;
            _utterance = null;
        }

        _planner.Idle(_now);
        _timeline.Discard();
        _sinceCommit = 0;
        _ = _context.Log.Append(new TranscriptEvent.Cleared());
    }

    private void Update(SessionSettings settings, string? causedBy)
    {
        var resolved = _resolve(settings);
        if (resolved.Error is { } error)
        {
            Error(error with { CausedByEventId = causedBy });
            return;
        }

        if (settings.TurnDetection is null != _settings.TurnDetection is null)
        {
            // Items of the one kind can't go on as items of the other.
            Commit(null, quietly: true);
        }

        settings = resolved.Settings;
        _settings = settings;
        _operators.Use(settings.Operators);
        _models.Use(resolved.Model!);
        _timeline.Detector.Options = MakeTurnOptions(settings);
        _ = _context.Log.Append(new TranscriptEvent.SessionUpdated(Snapshot));
    }

    private void Error(ErrorDetail error) => _ = _context.Log.Append(new TranscriptEvent.ErrorRaised(error));

    /// <summary>Lets an open turn end although nothing comes: muted, paused by DTX, or gone.</summary>
    private long? FeedClock()
    {
        var detector = _timeline.Detector;
        _clockSilence = 0;
        if (!detector.IsOpen || _context.Kind == SessionKind.Batch)
        {
            return null;
        }

        var stall = _lastWasPcm ? _context.Options.PcmStall : _context.Options.PacketStall;
        var waited = _context.Time.Seconds(_lastAudioAt, _now);

        // The first moments may be the network's: only what comes after counts as silence, so that a stall does not cut a word in two.
        var silent = (long)((waited - stall.TotalSeconds) * 16_000);
        var unjudged = _timeline.Position - detector.Position;
        var left = detector.EndpointSamples - detector.SilenceSamples - unjudged;
        var untilPause = detector.Options.PauseSamples - detector.SilenceSamples - unjudged;
        if (silent >= Math.Max(0, left))
        {
            var passed = (long)(waited * 16_000);
            _absorbed += passed;
            _timeline.End(passed);
            return null;
        }

        _clockSilence = Math.Max(0, silent);
        _clockPaused |= silent >= Math.Max(0, untilPause);
        var next = _clockPaused || detector.IsPaused ? left : Math.Min(left, untilPause);
        if (_utterance?.Text.Tail.Length > 0)
        {
            // What waits to be sent for good does so in the silence of the clock too.
            next = Math.Min(next, _clockSilence + WaitingStep);
        }

        return _context.Time.After(_lastAudioAt, stall + TimeSpan.FromSeconds(Math.Max(0, next) / 16_000.0));
    }

    private TurnOptions MakeTurnOptions(SessionSettings settings)
    {
        var detection = settings.TurnDetection ?? new TurnDetection();
        var silence = detection.SilenceDurationMs * 16;
        return new TurnOptions
        {
            Threshold = detection.Threshold,
            PrefixSamples = detection.PrefixPaddingMs * 16,
            SilenceSamples = silence,
            PauseSamples = Math.Min(silence / 2, (int)SessionContext.Samples(_context.Options.EarlyFinal)),
            MaxSamples = (int)SessionContext.Samples(_context.Options.MaxTurn),
            PartSamples = _models.Current.PartSamples,
        };
    }

    private static long? Earlier(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
