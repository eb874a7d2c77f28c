using System.Diagnostics;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>One decoding context: buffers over the model's shared sessions.</summary>
internal sealed class WhisperRecognizer : ExclusiveRecognizer
{
    /// <summary>Tokens allowed beyond the rate, so that a short, quick answer is not cut.</summary>
    private const int SpareTokens = 4;

    /// <summary>Tokens of a guess that greedy decoding may feed beyond the cap.</summary>
    private const int SpareFed = 26;

    /// <summary>Tokens from which on a partial that says all it heard once more is believed to have heard it once.</summary>
    private const int LeastSaidTwice = 5;

    private const int SampleRate = 16_000;

    /// <summary>How often a pass goes on behind what it took for the end; sounds that are words one by one must not hold a recognizer.</summary>
    private const int MostEarlyEnds = 3;

    private const double EnglishTokensPerSecond = 6.5;
    private const string English = "en";

    /// <summary>Frames by which attention comes before the sound; perf/Benchmarks word-times tells, on speech with known times.</summary>
    private const int AttentionLead = 2;

    /// <summary>Audio in which no sample is louder than this is digital silence.</summary>
    private const float Silence = 1e-4f;

    /// <summary>Mean logarithm of the words' probabilities below which they are not believed.</summary>
    private const double DoubtfulLogarithm = -1;

    private readonly WhisperModel _model;
    private readonly WhisperWeights? _weights;
    private readonly IWhisperEncoder _encoder;
    private readonly IWhisperDecoder _decoder;
    private readonly WhisperStepper _stepper;
    private readonly GreedyDecoder _greedy;
    private long _encodeTicks;
    private long _decodeTicks;
    private int _calls;
    private int _heard;
    private bool _wasGuarded;

    internal WhisperRecognizer(WhisperModel model)
    {
        _model = model;
        _weights = model.Weights;
        _weights?.Hold();
        (_encoder, _decoder) = model.MakeContext(Options);
        _stepper = new WhisperStepper(_decoder, model.Chooser, model.Config.MaxTargetPositions);
        _greedy = new GreedyDecoder(model.Tokenizer.Table.Marks);
        UsualLanguage = model.Vocabulary.Languages.GetValueOrDefault(English, model.Vocabulary.Start);
    }

    /// <inheritdoc/>
    public override ModelInfo Model => _model.Info;

    /// <summary>How likely it is, by the last pass, that nothing was said.</summary>
    internal float NoSpeech => _stepper.NoSpeech;

    /// <summary>The language heard last, whoever spoke: a guess that saves a call when it is right and changes nothing when it is wrong.</summary>
    internal int UsualLanguage { get; set; }

    /// <summary>Frames that the last pass believed.</summary>
    internal int Frames { get; private set; }

    /// <inheritdoc/>
    protected override PassResult Recognize(PassRequest pass)
    {
        ReadOnlySpan<float> audio = pass.Audio.Span;
        if (audio.Length > Model.MaxSamples)
        {
            throw new RecognizerException(
                $"{audio.Length / (double)SampleRate:F1} s of audio were given to '{Model.Name}', which takes {Model.MaxSamples / (double)SampleRate:F1} s at once.");
        }

        if (audio.IndexOfAnyExceptInRange(-Silence, Silence) < 0)
        {
            return PassResult.Empty;
        }

        _encodeTicks = 0;
        _decodeTicks = 0;
        _calls = 0;
        WhisperSpeech? speech = Known(pass);
        PassResult result;
        try
        {
            result = Hear(pass, speech);
        }
        catch
        {
            // Half written, it is of no use to the next pass.
            speech?.Dispose();
            throw;
        }

        if (speech is not null)
        {
            pass.Memory!.Give(speech, speech.Model);
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        _decoder.Dispose();
        _encoder.Dispose();
        _weights?.LetGo();
    }

    private PassResult Hear(PassRequest pass, WhisperSpeech? speech, int earlyEnds = 0)
    {
        bool isTimed = pass.WordTimes && !_model.HasAlignment;
        AudioWindow window = _model.Window(pass.Audio.Length, pass.IsFinal);
        Frames = window.Frames;
        WhisperPrompt prompt = Attempt(pass, window, isTimed ? [] : pass.Draft.Span, isTimed, speech);
        Judge(pass.IsFinal);
        if (_wasGuarded && pass.IsFinal && Frames < AudioWindow.Full)
        {
            Frames = AudioWindow.Full;
            prompt = Attempt(pass, AudioWindow.Whole, [], isTimed);
            Judge(isFinal: true);
        }

        if (IsNothing())
        {
            return Result(pass, prompt, [], []);
        }

        // A translation's words are not where they were said.
        bool mayGoOn = earlyEnds < MostEarlyEnds && _model.HasAlignment && !pass.Translate && !_wasGuarded && EarlyEnd.IsLikely(_heard, pass.Audio.Span, pass.IsFinal);
        PassResult result = Result(mayGoOn ? pass with { WordTimes = true } : pass, prompt, _greedy.Tokens[.._heard], _greedy.Confidences[.._heard]);
        return mayGoOn ? GoOn(pass, result, earlyEnds + 1) : result;
    }

    /// <summary>Hears what comes behind the last word by itself, where somebody speaks there.</summary>
    private PassResult GoOn(PassRequest pass, PassResult begun, int earlyEnds)
    {
        int from = EarlyEnd.Find(begun.Words, pass.Audio.Span);
        if (from < 0)
        {
            return pass.WordTimes ? begun : begun with { Words = [] };
        }

        ReadOnlyMemory<int> draft = pass.Draft[Math.Min(begun.Tokens.Length, pass.Draft.Length)..];
        PassResult rest = Hear(pass with { Audio = pass.Audio[from..], Draft = draft, Memory = null }, speech: null, earlyEnds);
        if (rest.WasGuarded)
        {
            _wasGuarded = false;
            rest = PassResult.Empty;
        }

        rest = EarlyEnd.WithoutEcho(begun, rest, from, _model.Tokenizer.Table);
        int[] tokens = [.. begun.Tokens, .. rest.Tokens];
        string text = _model.Decode(tokens);
        int fromMs = from / (SampleRate / 1000);
        return begun with
        {
            Tokens = tokens,
            Confidences = [.. begun.Confidences, .. rest.Confidences],
            TokenEnds = _model.Tokenizer.Table.Ends(tokens, text),
            Text = text,
            Words = pass.WordTimes ? [.. begun.Words, .. rest.Words.Select(word => word with { StartMs = word.StartMs + fromMs, EndMs = word.EndMs + fromMs })] : [],
            Cost = new PassCost(Micros(_encodeTicks), Micros(_decodeTicks), _calls, begun.Cost.DraftTokensKept + rest.Cost.DraftTokensKept),
        };
    }

    /// <summary>
    /// It thinks that perhaps nobody spoke, and does not believe the words that it made up. Whisper's own rule with a lower bound for the first:
    /// on noise this model gives 0.26 to 0.8 and words with a mean logarithm of -1.4 to -3.7, on speech 0.03 and -0.1. On noise that begins after silence it has been
    /// sure that somebody spoke, and made words with -1.28: what it believes as little is nothing in any case. Above Whisper's own bound for the first, 0.6, it must
    /// believe its words more: "Thank you." and the like, on noise, had -0.58 to -0.89 there.
    /// </summary>
    private bool IsNothing()
    {
        const float LikelyNoSpeech = 0.2f;
        const float MostLikelyNoSpeech = 0.6f;
        const double HopelessLogarithm = -1.2;
        const double SureLogarithm = -0.5;
        return MeanLogarithm() < _stepper.NoSpeech switch
        {
            > MostLikelyNoSpeech => SureLogarithm,
            > LikelyNoSpeech => DoubtfulLogarithm,
            _ => HopelessLogarithm,
        };
    }

    /// <summary>
    /// A pass that has said everything and then started anew has heard what came before that: the whole window gives the same words at several
    /// times the work. A partial may keep what came before any echo, as the next pass hears it again; a final only what is said again from its
    /// first word on. What the model does not believe itself stays guarded: it was made up.
    /// </summary>
    private void Judge(bool isFinal)
    {
        _heard = _greedy.Count;
        _wasGuarded = _greedy.WasGuarded;
        if (!_wasGuarded && isFinal)
        {
            return;
        }

        int echo = Echo.Find(_greedy.Tokens, _model.Tokenizer.Table, out bool isFromStart);
        if (!_wasGuarded)
        {
            // All of it said twice, and then the end found after all.
            _heard = isFromStart && echo >= LeastSaidTwice && _greedy.Count - echo >= LeastSaidTwice ? echo : _heard;
            return;
        }

        if (echo > 0 ? isFromStart || !isFinal : _greedy.WasRepeating && !isFinal)
        {
            _heard = echo > 0 ? echo : _heard;
            if (_heard > 0 && _model.Tokenizer.Table.Piece(_greedy.Tokens[_heard - 1]).SequenceEqual(","u8))
            {
                // It led over to the echo.
                _heard--;
            }

            _wasGuarded = MeanLogarithm() < DoubtfulLogarithm;
        }
    }

    private double MeanLogarithm()
    {
        double sum = 0;
        foreach (float confidence in _greedy.Confidences[.._heard])
        {
            sum += Math.Log(Math.Max(confidence, 1e-10f));
        }

        return sum / Math.Max(_heard, 1);
    }

    /// <summary>What is known of the speech, or room for it; null where all of it is to be encoded.</summary>
    private WhisperSpeech? Known(PassRequest pass)
    {
        return pass.Memory is { } memory && _model.KeepsSpeech
            ? memory.Take<WhisperSpeech>(_weights) ?? new WhisperSpeech(_weights!, _model.Config)
            : null;
    }

    private WhisperPrompt Attempt(PassRequest pass, AudioWindow window, ReadOnlySpan<int> draft, bool isTimed, WhisperSpeech? speech = null)
    {
        long start;
        pass.Turn?.Take(isStep: false, Options);
        try
        {
            start = Stopwatch.GetTimestamp();
            _encoder.Encode(pass.Audio.Span, window, speech, pass.IsFinal);
        }
        finally
        {
            pass.Turn?.GiveBack();
        }

        long encoded = Stopwatch.GetTimestamp();
        _encodeTicks += encoded - start;
        _weights?.Steps.Count(1);
        try
        {
            return Decode(pass, draft, isTimed, speech);
        }
        finally
        {
            _weights?.Steps.Count(-1);
            _decodeTicks += Stopwatch.GetTimestamp() - encoded;
        }
    }

    private WhisperPrompt Decode(PassRequest pass, ReadOnlySpan<int> draft, bool isTimed, WhisperSpeech? speech)
    {
        draft = Model.CanCheckDrafts ? draft : [];
        WhisperPrompt prompt = MakePrompt(pass, draft, isTimed, speech);
        if (_weights is null && !draft.IsEmpty && _decoder.Length < prompt.Tokens.Length - 1)
        {
            // An exported graph's call has one scale for the activations of all its tokens, and the prompt's are far larger than those of words: together with them
            // a draft is checked coarsely, and one word in forty comes out otherwise than without a draft.
            _stepper.Feed(prompt.Tokens.AsSpan(_decoder.Length..^1));
        }

        Run(prompt, pass, draft, isTimed, speech);
        if (prompt.IsGuess)
        {
            (int language, float probability) = _stepper.Language;
            if (language != UsualLanguage)
            {
                UsualLanguage = language;
                prompt = prompt with { Tokens = Behind([], language, pass, isTimed), Language = _model.Vocabulary.LanguageOf[language] };
                _decoder.Truncate(1);
                Run(prompt, pass, draft, isTimed, speech);
            }

            prompt = prompt with { LanguageProbability = probability };
        }

        _calls += _decoder.Calls;
        speech?.Take(prompt.Tokens, _stepper.NoSpeech, _greedy, pass.IsFinal);
        return prompt;
    }

    private void Run(in WhisperPrompt prompt, PassRequest pass, ReadOnlySpan<int> draft, bool isTimed, WhisperSpeech? speech)
    {
        int cap = Cap(pass, prompt.Tokens.Length, prompt.Language, isTimed);
        ReadOnlySpan<int> rest = prompt.Settled > 0 ? [] : prompt.Tokens.AsSpan(_decoder.Length);
        _greedy.Run(_stepper, rest, draft, _model.Vocabulary.End, cap, speech is null ? [] : speech.Confidences(prompt.Settled));
    }

    private int Cap(PassRequest pass, int promptLength, string language, bool isTimed)
    {
        int cap = (int)Math.Ceiling(pass.Audio.Length / (double)SampleRate * TokensPerSecond(language)) + SpareTokens;
        return Math.Min(isTimed ? 2 * cap : cap, _model.Config.MaxTargetPositions - promptLength - SpareFed);
    }

    /// <summary>Begins the decoder: the tokens before the transcript, with the language that was asked for or is heard, and those of the transcript that are settled.</summary>
    private WhisperPrompt MakePrompt(PassRequest pass, ReadOnlySpan<int> draft, bool isTimed, WhisperSpeech? speech)
    {
        WhisperVocabulary vocabulary = _model.Vocabulary;
        string? told = vocabulary.IsMultilingual ? pass.Language : English;
        int language = !vocabulary.IsMultilingual ? vocabulary.Start : told is null ? UsualLanguage : _model.LanguageToken(told);
        int[] before = _model.EncodePrompt(pass.Prompt);
        int[] tokens = Behind(before, language, pass, isTimed);
        int settled = speech is not null && !pass.IsFinal && told is not null && draft.Length <= Cap(pass, tokens.Length, told, isTimed) ? speech.Settled(tokens, draft) : 0;
        _decoder.Begin(_model.Config.MaxTargetPositions, pass.Turn, speech?.Window, settled > 0 ? tokens.Length + settled - 1 : 0);
        _stepper.Begin(tokens.Length, before.Length, isTimed, settled > 0 ? speech!.NoSpeech : 0);
        if (told is not null)
        {
            return new WhisperPrompt(tokens, before.Length, settled, told, LanguageProbability: null, IsGuess: false);
        }

        if (_weights is not null && before.Length == 0 && vocabulary.LanguageOf.TryGetValue(UsualLanguage, out string? usual))
        {
            // Which language it is comes with the first call over the transcript; that was for nothing only where somebody else speaks, in another one.
            return new WhisperPrompt(tokens, Start: 0, Settled: 0, usual, LanguageProbability: null, IsGuess: true);
        }

        _stepper.DetectLanguage(tokens.AsSpan(before.Length..^1));
        (language, float probability) = _stepper.Language;
        if (before.Length > 0 || language != UsualLanguage)
        {
            // What follows the start token was guessed wrong, or comes behind a text; several tokens on a past need a graph that masks them rightly.
            _decoder.Truncate(before.Length > 0 || !Model.CanCheckDrafts ? 0 : 1);
        }

        UsualLanguage = language;
        return new WhisperPrompt(Behind(before, language, pass, isTimed), before.Length, Settled: 0, vocabulary.LanguageOf[language], probability, IsGuess: false);
    }

    /// <summary>What stands behind a text: the start token, the language, the task.</summary>
    private int[] Behind(int[] before, int language, PassRequest pass, bool isTimed)
    {
        return [.. before, .. _model.Vocabulary.Prompt(language, pass.Translate && Model.CanTranslate, isTimed)];
    }

    private static double TokensPerSecond(string language)
    {
        // Other scripts, and languages that the vocabulary was not made for, take more tokens a word.
        return language == English ? EnglishTokensPerSecond : 2 * EnglishTokensPerSecond;
    }

    private PassResult Result(PassRequest pass, WhisperPrompt prompt, ReadOnlySpan<int> tokens, ReadOnlySpan<float> confidences)
    {
        WhisperVocabulary vocabulary = _model.Vocabulary;
        var text = new List<int>(tokens.Length);
        var textConfidences = new List<float>(tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
        {
            if (tokens[i] < vocabulary.End)
            {
                text.Add(tokens[i]);
                textConfidences.Add(confidences[i]);
            }
        }

        int[] textTokens = [.. text];
        float[] probabilities = [.. textConfidences];
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<WordTime> words = pass.WordTimes && textTokens.Length > 0
            ? FindWords(pass.Audio.Span, prompt, tokens, textTokens, probabilities)
            : [];
        _decodeTicks += Stopwatch.GetTimestamp() - start;
        string said = _model.Decode(textTokens);
        return new PassResult
        {
            Tokens = textTokens,
            Confidences = probabilities,
            TokenEnds = _model.Tokenizer.Table.Ends(textTokens, said),
            Text = said,
            Language = prompt.Language,
            LanguageProbability = prompt.LanguageProbability,
            Words = words,
            WasGuarded = _wasGuarded,
            Cost = new PassCost(Micros(_encodeTicks), Micros(_decodeTicks), _calls, _greedy.Kept),
        };
    }

    private List<WordTime> FindWords(ReadOnlySpan<float> audio, WhisperPrompt prompt, ReadOnlySpan<int> tokens, int[] text, float[] confidences)
    {
        int frames = Math.Clamp((audio.Length + VoicedFrames.Samples - 1) / VoicedFrames.Samples, 1, Frames / AudioWindow.FramesPerPosition);
        TokenTable table = _model.Tokenizer.Table;
        int[] starts = _model.HasAlignment ? Align(prompt, text, frames) : WordTimes.Interpolate(tokens, _model.Vocabulary.FirstTime, table, frames);
        return WordTimes.FromFrames(text, confidences, starts, table, audio);
    }

    private int[] Align(WhisperPrompt prompt, int[] text, int frames)
    {
        // What a prompt says was not said here: only the start token and what follows it take part.
        _decoder.Truncate(Model.CanCheckDrafts && prompt.Start == 0 ? 1 : 0);
        int[] fed = [.. prompt.Tokens[(prompt.Start + _decoder.Length)..], .. text];
        int before = _decoder.Calls;
        var aligner = new AttentionAligner(fed.Length, frames);
        _decoder.Attend(fed, _model.AlignmentHeads, (attention, stride) => aligner.Add(attention, stride, _model.Config.MedianFilterWidth));
        _calls += _decoder.Calls - before;

        // The row of a token's predecessor attends to where the token is heard; the last one to where the speech ends.
        int[] starts = aligner.Align(fed.Length - text.Length - 1);
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] += starts[i] > 0 ? AttentionLead : 0;
        }

        return starts;
    }

    private static long Micros(long ticks)
    {
        return ticks * 1_000_000 / Stopwatch.Frequency;
    }

    /// <summary>What stands before a transcript.</summary>
    /// <param name="Tokens">The tokens.</param>
    /// <param name="Start">Position of the start token.</param>
    /// <param name="Settled">Tokens of the transcript that are known already.</param>
    /// <param name="Language">Language spoken.</param>
    /// <param name="LanguageProbability">Its probability, when it was heard and not told.</param>
    /// <param name="IsGuess">Whether it is yet to be heard.</param>
    private readonly record struct WhisperPrompt(int[] Tokens, int Start, int Settled, string Language, float? LanguageProbability, bool IsGuess);
}
