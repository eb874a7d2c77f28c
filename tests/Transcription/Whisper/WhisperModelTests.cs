using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

public sealed class WhisperModelTests : IClassFixture<WhisperFixture>
{
    private const string Export = WhisperFixture.Export;
    private const string JfkText = "and so my fellow americans ask not what your country can do for you ask what you can do for your country";
    private const int SampleRate = 16000;

    private static readonly int[] JfkTokens =
    [
        400, 370, 452, 7177, 6280, 1029, 406, 437, 428, 1941, 393, 360, 337, 291, 11, 1029, 437, 291, 393, 360, 337, 428, 1941, 13,
    ];

    private readonly WhisperFixture _fixture;

    public WhisperModelTests(WhisperFixture fixture)
    {
        _fixture = fixture;
    }

    [SharedFact(Export)]
    public void Windows_of_thirty_seconds_give_the_stated_tokens_in_the_graphs_and_the_same_words_in_our_own_code()
    {
        using WhisperModel ours = WhisperModel.Load(_fixture.Folder, new WhisperSettings { UseShortWindows = false });
        using IRecognizer own = ours.CreateRecognizer();
        Assert.Equal(JfkText, Words.Normalized(own.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "en" }).Text));

        using WhisperModel model = WhisperModel.Load(_fixture.Folder, new WhisperSettings { UseShortWindows = false, UseKernels = false });
        using IRecognizer recognizer = model.CreateRecognizer();

        PassResult result = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "en" });

        Assert.Equal(JfkTokens, result.Tokens);
        Assert.Equal("And so my fellow Americans ask not what your country can do for you, ask what you can do for your country.", result.Text);
    }

    [SharedFact(Export)]
    public void Short_windows_hear_the_same_words()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();

        PassResult result = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "en" });

        Assert.Equal(JfkText, Words.Normalized(result.Text));
        Assert.Equal(result.Tokens.Length, result.Confidences.Length);
        Assert.All(result.Confidences, confidence => Assert.InRange(confidence, 0.1f, 1.001f));
        Assert.Equal(result.Text, _fixture.Model.Decode(result.Tokens));
        Assert.Equal("en", result.Language);
        Assert.Null(result.LanguageProbability);
        Assert.False(result.WasGuarded);
    }

    [SharedFact(Export)]
    public void The_shared_export_lacks_nothing_and_what_was_found_is_kept()
    {
        WhisperModel model = _fixture.Model;

        Assert.DoesNotContain(model.Probe.Warnings(), warning => !warning.Contains("VNNI", StringComparison.Ordinal));
        Assert.True(model.Info is { CanTranslate: true, DetectsLanguage: true, CanCheckDrafts: true, HasWordTimes: true });
        Assert.Equal("whisper-base", model.Info.Name);
        Assert.Equal("en", model.Info.Languages[0]);
        Assert.Contains("de", model.Info.Languages);
        using IRecognizerModel again = ModelLoader.Load(_fixture.Folder);
        Assert.Equal(model.Probe, Assert.IsType<WhisperModel>(again).Probe);
        Assert.True(File.Exists(Path.Combine(_fixture.Folder, CheckRecord.FileName)));
    }

    [SharedFact(Export)]
    public void More_audio_than_a_window_holds_is_refused()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();

        RecognizerException exception = Assert.Throws<RecognizerException>(
            () => recognizer.Run(new PassRequest { Audio = new float[recognizer.Model.MaxSamples + 1] }));

        Assert.Contains("takes 30.0 s at once", exception.Message, StringComparison.Ordinal);
    }

    [SharedFact(Export)]
    public void A_language_that_the_model_does_not_know_is_named()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();

        RecognizerException exception = Assert.Throws<RecognizerException>(() => recognizer.Run(new PassRequest { Audio = CheckClip.Load(), Language = "xx" }));

        Assert.Contains("'xx'", exception.Message, StringComparison.Ordinal);
    }

    [SharedFact(Export)]
    public void A_right_draft_is_checked_in_one_call_and_a_wrong_word_is_put_right()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();
        PassResult greedy = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "en" });
        int[] wrong = [.. greedy.Tokens];
        wrong[3] = 1234;

        PassResult same = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "en", Draft = greedy.Tokens });
        PassResult repaired = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "en", Draft = wrong });

        Assert.Equal(Words.Normalized(greedy.Text), Words.Normalized(same.Text));
        Assert.InRange(same.Cost.DecoderCalls, 1, 4);
        Assert.InRange(same.Cost.DraftTokensKept, greedy.Tokens.Length - 3, greedy.Tokens.Length);
        Assert.Equal(Words.Normalized(greedy.Text), Words.Normalized(repaired.Text));
        Assert.InRange(repaired.Cost.DecoderCalls, 2, 8);
    }

    [SharedFact(Export)]
    public void Drafts_on_growing_speech_save_calls_and_cost_no_words()
    {
        // 8-bit activations are scaled by call: now and then 'ask' and 'asked', equally likely, change places. Neither side may hear worse.
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();
        string[] said = Words.Split(JfkText);
        float[] clip = CheckClip.Load();
        int calls = 0;
        int greedyCalls = 0;
        int errors = 0;
        int greedyErrors = 0;
        int[] draft = [];
        for (int end = SampleRate * 3 / 2; end <= clip.Length; end += SampleRate * 3 / 2)
        {
            var pass = new PassRequest { Audio = clip.AsMemory(0, end), Language = "en" };
            PassResult greedy = recognizer.Run(pass);
            PassResult drafted = recognizer.Run(pass with { Draft = draft });
            draft = drafted.Tokens;
            calls += drafted.Cost.DecoderCalls;
            greedyCalls += greedy.Cost.DecoderCalls;
            string[] expected = Words.Split(greedy.Text);
            greedyErrors += Words.Distance(said[..Math.Min(said.Length, expected.Length)], expected);
            errors += Words.Distance(said[..Math.Min(said.Length, expected.Length)], Words.Split(drafted.Text));
        }

        Assert.True(errors <= greedyErrors + 1, $"{errors} errors with drafts, {greedyErrors} without");
        Assert.True(calls < greedyCalls * 0.6, $"{calls} calls with drafts, {greedyCalls} without");
    }

    [SharedFact(Export, "speech/lj")]
    public void The_language_is_heard_with_its_probability()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();

        PassResult result = recognizer.Run(new PassRequest { Audio = Clips.Samples("speech/lj/LJ001-0002.flac") });

        Assert.Equal("en", result.Language);
        Assert.InRange(result.LanguageProbability!.Value, 0.8f, 1f);
        Assert.Equal("in being comparatively modern", Words.Normalized(result.Text));
    }

    [SharedFact(Export)]
    public void Hearing_the_language_takes_a_call_of_its_own_only_where_it_was_guessed_wrong()
    {
        using var recognizer = (WhisperRecognizer)_fixture.Model.CreateRecognizer();
        var pass = new PassRequest { Audio = CheckClip.Load().AsMemory(0, 4 * SampleRate), IsFinal = true };
        PassResult told = recognizer.Run(pass with { Language = "en" });

        PassResult heard = recognizer.Run(pass);
        recognizer.UsualLanguage = _fixture.Model.Vocabulary.Languages["de"];
        PassResult corrected = recognizer.Run(pass);

        foreach (PassResult result in (PassResult[])[heard, corrected])
        {
            Assert.Equal(("en", told.Text), (result.Language, result.Text));
            Assert.Equal(told.Confidences, result.Confidences);
            Assert.InRange(result.LanguageProbability!.Value, 0.8f, 1f);
        }

        Assert.Equal(told.Cost.DecoderCalls, heard.Cost.DecoderCalls);
        Assert.InRange(corrected.Cost.DecoderCalls, told.Cost.DecoderCalls + 1, int.MaxValue);
        Assert.Equal(_fixture.Model.Vocabulary.Languages["en"], recognizer.UsualLanguage);
    }

    [SharedFact(Export)]
    public void A_prompt_comes_before_the_speech_and_not_into_the_text()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();

        PassResult result = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Prompt = "A speech by president Kennedy.", WordTimes = true });

        Assert.Equal("en", result.Language);
        Assert.Equal(JfkText, Words.Normalized(result.Text));
        Assert.Equal(JfkText, Words.Normalized(string.Join(' ', result.Words.Select(word => word.Text))));
    }

    [SharedFact(Export)]
    public void A_prompts_style_is_that_of_the_text_in_finals_and_in_partials()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();
        foreach (bool isFinal in (ReadOnlySpan<bool>)[true, false])
        {
            var pass = new PassRequest { Audio = CheckClip.Load(), IsFinal = isFinal, Language = "en" };

            PassResult plain = recognizer.Run(pass);
            PassResult prompted = recognizer.Run(pass with { Prompt = "an essay by e e cummings, all of it in lower case and without any punctuation" });

            Assert.Equal((JfkText, JfkText), (Words.Normalized(plain.Text), Words.Normalized(prompted.Text)));
            Assert.Equal(("And so", '.'), (plain.Text[..6], plain.Text[^1]));
            Assert.Equal(("and so", 'y'), (prompted.Text[..6], prompted.Text[^1]));
        }
    }

    [SharedFact(Export)]
    public void A_prompt_is_fed_as_what_was_said_before_and_of_a_long_one_the_end()
    {
        int previous = _fixture.Model.Vocabulary.Previous;

        Assert.Equal([previous, 316, 6218, 538, 3868, 16517, 13], _fixture.Model.EncodePrompt(" A speech by president Kennedy. "));
        Assert.Empty(_fixture.Model.EncodePrompt("  "));
        Assert.Empty(_fixture.Model.EncodePrompt(null));
        int[] longest = _fixture.Model.EncodePrompt(string.Join(' ', Enumerable.Range(0, 500)) + " the end.");
        Assert.Equal((_fixture.Model.Config.MaxTargetPositions / 2, previous), (longest.Length, longest[0]));
        Assert.EndsWith(" 498 499 the end.", _fixture.Model.Decode(longest.AsSpan(1)), StringComparison.Ordinal);
    }

    [SharedFact(Export)]
    public void Translation_gives_english_and_still_tells_the_language_of_the_speech()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();

        PassResult result = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "de", Translate = true });
        PassResult plain = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "de" });

        Assert.Contains("what you can do for your country", Words.Normalized(result.Text), StringComparison.Ordinal);
        Assert.DoesNotContain("what you can do for your country", Words.Normalized(plain.Text), StringComparison.Ordinal);
        Assert.Equal("de", result.Language);
    }

    [SharedFact(Export, "speech/noise")]
    public void Noise_and_silence_give_no_words()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();
        foreach (string clip in Directory.GetFiles(SharedData.Find("speech/noise")!, "*.wav").Order(StringComparer.Ordinal))
        {
            float[] samples = SpeechClip.Samples(clip);

            PassResult result = recognizer.Run(new PassRequest { Audio = samples.AsMemory(0, Math.Min(samples.Length, 8 * SampleRate)), Language = "en" });

            Assert.True(result.Text.Length == 0, $"{clip}: {result.Text}");
            Assert.Empty(result.Tokens);
        }

        Assert.Same(PassResult.Empty, recognizer.Run(new PassRequest { Audio = new float[SampleRate] }));
    }

    [SharedFact(Export)]
    public void Words_are_timed_where_they_are_said()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();
        float[] clip = CheckClip.Load();

        PassResult result = recognizer.Run(new PassRequest { Audio = clip, IsFinal = true, Language = "en", WordTimes = true });

        Assert.Equal(JfkText, Words.Normalized(string.Join(' ', result.Words.Select(word => word.Text))));
        for (int i = 0; i < result.Words.Count; i++)
        {
            Assert.True(result.Words[i].StartMs <= result.Words[i].EndMs);
            Assert.True(result.Words[i].StartMs >= (i == 0 ? 0 : result.Words[i - 1].EndMs), $"{result.Words[i]} begins before the one before it ends");
            Assert.InRange(result.Words[i].Confidence, 0.1f, 1.001f);
        }

        // The recording's pauses, by its level: 2.1 to 3.3 s, 4.3 to 5.4 s, 7.5 to 8.2 s.
        Assert.InRange(result.Words[4].EndMs, 2000, 2300);
        Assert.InRange(result.Words[5].StartMs, 3100, 3500);
        Assert.InRange(result.Words[6].EndMs, 4100, 4450);
        Assert.InRange(result.Words[7].StartMs, 5300, 5600);
        Assert.InRange(result.Words[13].EndMs, 7400, 7800);
        Assert.InRange(result.Words[14].StartMs, 7700, 8400);
        Assert.InRange(result.Words[^1].EndMs, 10000, 10900);
    }

    [SharedFact(Export, "speech/lj")]
    public void Read_sentences_are_heard_with_few_errors()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();
        int words = 0;
        int errors = 0;
        foreach (SpeechClip clip in SpeechClip.Load(SharedData.Find("speech/manifest.jsonl")!).Where(clip => !HasNumber(clip.Text)).Take(12))
        {
            string[] expected = Words.Split(clip.Text);
            words += expected.Length;
            errors += Words.Distance(expected, Words.Split(recognizer.Run(new PassRequest { Audio = clip.Samples(), IsFinal = true, Language = "en" }).Text));
        }

        Assert.True(words > 100);
        Assert.True(errors <= words * 0.03, $"{errors} errors in {words} words");
    }

    [SharedFact(Export, "speech/lj")]
    public void Silence_of_which_few_positions_are_encoded_is_heard_like_all_of_it()
    {
        using WhisperModel model = WhisperModel.Load(_fixture.Folder);
        using WhisperModel wide = WhisperModel.Load(_fixture.Folder, new WhisperSettings { UseShortWindows = false });
        using var recognizer = (WhisperRecognizer)model.CreateRecognizer();
        using var wideRecognizer = (WhisperRecognizer)wide.CreateRecognizer();
        int words = 0;
        int different = 0;
        var distances = new List<double>();
        foreach (SpeechClip clip in SpeechClip.Load(SharedData.Find("speech/manifest.jsonl")!).Where(static (_, index) => index % 4 == 0))
        {
            var pass = new PassRequest { Audio = clip.Samples(), IsFinal = true, Language = "en" };
            PassResult expected = wideRecognizer.Run(pass);
            PassResult actual = recognizer.Run(pass);
            words += Words.Split(expected.Text).Length;
            different += Words.Distance(Words.Split(expected.Text), Words.Split(actual.Text));
            Assert.Equal(AudioWindow.Full, wideRecognizer.Frames);
            Assert.InRange(recognizer.Frames, 1, AudioWindow.Full - 1);
            if (expected.Tokens.SequenceEqual(actual.Tokens))
            {
                distances.AddRange(expected.Confidences.Zip(actual.Confidences, static (one, other) => Math.Abs(Math.Log(one / other))));
            }
        }

        Assert.True(words > 120);
        Assert.True(different <= 2, $"{different} of {words} words differ");
        Assert.True(distances.Average() < 0.013, $"Confidences differ by {distances.Average():P2}");
    }

    [SharedFact(Export, "speech/noise")]
    public void Words_that_it_made_of_noise_and_half_believes_are_none()
    {
        using WhisperModel model = WhisperModel.Load(_fixture.Folder);
        using var recognizer = (WhisperRecognizer)model.CreateRecognizer();
        float[] noise = Clips.Samples("speech/noise/noise5.wav");

        foreach ((double from, double seconds) in new[] { (11.2, 0.8), (0, 3), (8.4, 3) })
        {
            var pass = new PassRequest { Audio = noise.AsMemory((int)(from * SampleRate), (int)(seconds * SampleRate)), IsFinal = true };
            Assert.Equal("", recognizer.Run(pass).Text);
            Assert.InRange(recognizer.NoSpeech, 0.6f, 1);
        }
    }

    [SharedFact(Export, "speech/lj")]
    public void Where_a_short_window_makes_it_repeat_itself_the_whole_one_is_asked()
    {
        // Without silence behind the speech two clips of three run away; where they do not simply start anew, the whole window is asked.
        using WhisperModel model = WhisperModel.Load(_fixture.Folder, new WhisperSettings { Window = (samples, _) => new AudioWindow((samples / 160 / 2 * 2) + 2) });
        using var recognizer = (WhisperRecognizer)model.CreateRecognizer();
        int asked = 0;
        foreach (SpeechClip clip in SpeechClip.Load(SharedData.Find("speech/manifest.jsonl")!).Where(clip => !HasNumber(clip.Text)).Take(8))
        {
            PassResult result = recognizer.Run(new PassRequest { Audio = clip.Samples(), IsFinal = true, Language = "en" });

            if (recognizer.Frames == AudioWindow.Full)
            {
                asked++;
                string[] expected = Words.Split(clip.Text);
                Assert.InRange(Words.Distance(expected, Words.Split(result.Text)), 0, 1 + (expected.Length / 10));
                Assert.False(result.WasGuarded);
            }
        }

        Assert.True(asked > 0);
    }

    [SharedFact(Export, "speech/lj")]
    public void A_partial_that_starts_anew_keeps_what_it_had_heard_and_asks_for_no_wider_window()
    {
        using var recognizer = (WhisperRecognizer)_fixture.Model.CreateRecognizer();
        float[] clip = Clips.Samples("speech/lj/LJ001-0013.flac");

        PassResult result = recognizer.Run(new PassRequest { Audio = clip.AsMemory(0, 5 * SampleRate / 2), Language = "en" });

        Assert.Equal("then in the same operations with ugly ones", Words.Normalized(result.Text));
        Assert.Equal(AudioWindow.For(5 * SampleRate / 2, isFinal: false).Frames, recognizer.Frames);
        Assert.False(result.WasGuarded);
    }

    [SharedFact(Export)]
    public void An_export_that_lacks_everything_still_hears_and_times_words()
    {
        var nothing = new WhisperProbe { ChecksDrafts = false, HasCrossAttentions = false, TakesShortWindows = false, MaySaturate = false };
        using WhisperModel model = WhisperModel.Load(_fixture.Folder, new WhisperSettings { AssumedProbe = nothing });
        using var recognizer = (WhisperRecognizer)model.CreateRecognizer();

        PassResult result = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "en", WordTimes = true, Draft = JfkTokens });

        Assert.True(model.Info is { CanCheckDrafts: false, HasWordTimes: false });
        Assert.Equal(AudioWindow.Full, recognizer.Frames);
        Assert.Equal(0, result.Cost.DraftTokensKept);
        Assert.Equal(JfkText, Words.Normalized(result.Text));
        Assert.Equal(JfkText, Words.Normalized(string.Join(' ', result.Words.Select(word => word.Text))));
        Assert.Equal(result.Words.Select(word => word.StartMs).Order(), result.Words.Select(word => word.StartMs));
        Assert.InRange(result.Words[^1].EndMs, 9000, 11000);
        Assert.All(result.Tokens, token => Assert.True(token < model.Vocabulary.End));
    }

    [SharedFact(Export)]
    public async Task A_pass_is_ended_from_another_thread_and_the_recognizer_goes_on()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();
        using var ended = new CancellationTokenSource();
        Task terminator = Task.Run(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                recognizer.Terminate();
            }
        });

        Action untilEnded = () =>
        {
            // On a busy machine the other thread may come too late for a pass or two.
            while (true)
            {
                _ = recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "en" });
            }
        };
        Assert.Throws<OperationCanceledException>(untilEnded);
        await ended.CancelAsync();
        await terminator;

        Assert.Equal(JfkText, Words.Normalized(recognizer.Run(new PassRequest { Audio = CheckClip.Load(), IsFinal = true, Language = "en" }).Text));
    }

    [SharedFact(Export)]
    public async Task A_recognizer_that_is_disposed_of_while_it_runs_ends_its_pass_and_runs_no_other()
    {
        IRecognizer recognizer = _fixture.Model.CreateRecognizer();
        var pass = new PassRequest { Audio = CheckClip.Load(), Language = "en" };
        var first = new TaskCompletionSource();
        Task running = Task.Run(() =>
        {
            while (true)
            {
                _ = recognizer.Run(pass);
                _ = first.TrySetResult();
            }
        });
        await first.Task;

        recognizer.Dispose();

        Exception? ended = await Record.ExceptionAsync(() => running);
        Assert.True(ended is OperationCanceledException or ObjectDisposedException, $"{ended}");
        Assert.Throws<ObjectDisposedException>(() => recognizer.Run(pass));
        recognizer.Dispose();
        recognizer.Terminate();
    }

    private static bool HasNumber(string text)
    {
        string[] numbers =
        [
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifteen", "twenty", "thirty", "forty",
            "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "century", "centuries",
        ];
        return Words.Split(text).Any(word => numbers.Contains(word) || numbers.Any(number => number.Length > 4 && word.StartsWith(number, StringComparison.Ordinal)));
    }
}
