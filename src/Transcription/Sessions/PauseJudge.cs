using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>Asks once in each pause whether the turn is complete, and lets the answer move the endpoint of that pause. Runs on the session's pump alone.</summary>
internal sealed class PauseJudge(SessionContext context, SpeechTimeline timeline)
{
    // What the model was trained to hear after the last word.
    private const int Silence = 16 * 200;
    private TurnQuestion? _question;
    private long _askedVoice = -1;

    /// <summary>Asks where it is time to, and takes back what is of no use any more.</summary>
    /// <param name="detection">How the session finds turns.</param>
    /// <param name="open">The utterance that is spoken, if any.</param>
    /// <param name="isPaused">Whether its speaker pauses.</param>
    public void Plan(TurnDetection? detection, Utterance? open, bool isPaused)
    {
        var voice = timeline.Detector.LastVoicedSample;
        if (_question is { LastVoiced: var asked } && (open is null || voice != asked))
        {
            Withdraw();
        }

        if (isPaused && open is not null && voice != _askedVoice && detection is { IsSemantic: true } && IsWorthIt(open))
        {
            _askedVoice = voice;
            Ask(open, voice);
        }
    }

    /// <summary>An answer has come.</summary>
    public void Answered(TurnQuestion question, TurnDetection? detection)
    {
        if (question != _question || detection is not { IsSemantic: true })
        {
            return;
        }

        _question = null;
        var detector = timeline.Detector;
        detector.SetEndpoint(question.LastVoiced, TurnPatience.Endpoint(question.Complete, detector.Options.SilenceSamples, detection.Eagerness));
    }

    /// <summary>Takes the question back, if one is open.</summary>
    public void Withdraw()
    {
        if (_question is { } question)
        {
            question.IsMoot = true;
            _question = null;
        }
    }

    // Where recognizers have no time left, the judge would take it from finals; a cough is nobody's turn.
    private bool IsWorthIt(Utterance open) =>
        context.Judges is not null
        && context.Kind == SessionKind.Live
        && timeline.Detector.VoicedSamples >= SessionContext.Samples(context.Options.MinVoiced)
        && context.Scheduler.GetLoad(open.Item.Model.ServedAs) < PassLoad.FinalsOnly;

    private void Ask(Utterance open, long voice)
    {
        var judges = context.Judges!;
        var audio = timeline.Hold(Math.Max(open.Lead, timeline.Position - judges.MaxSamples), timeline.Position, out var samples);
        _question = new TurnQuestion
        {
            LastVoiced = voice,
            Audio = audio,
            Samples = samples,
            Silence = (int)Math.Max(0, voice + Silence - timeline.Position),
            Answered = context.TurnJudged,
        };
        judges.Ask(_question);
    }
}
