using System.Text.Json;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

public sealed class TokenChooserTests : IDisposable
{
    private const int Text = 256;
    private const int End = Text;
    private const int Start = Text + 1;
    private const int English = Text + 2;
    private const int German = Text + 3;
    private const int NoSpeech = Text + 6;
    private const int NoTimes = Text + 7;
    private const int FirstTime = Text + 8;
    private const int Size = FirstTime + 1501;

    private readonly string _folder = Directory.CreateTempSubdirectory("chooser-").FullName;
    private readonly WhisperVocabulary _vocabulary;
    private readonly TokenChooser _chooser;

    public TokenChooserTests()
    {
        _vocabulary = Make();
        _chooser = new TokenChooser(_vocabulary, 50);
    }

    [Fact]
    public void The_likeliest_text_is_chosen_with_its_probability()
    {
        float[] scores = Scores((10, 3), (20, 2), (English, 50));

        int token = _chooser.Choose(scores, isFirst: false, out float confidence);

        Assert.Equal(10, token);
        int others = End + 1 - 2 - _vocabulary.Suppressed.Length;
        Assert.Equal(Math.Exp(3) / (Math.Exp(3) + Math.Exp(2) + others), confidence, 1e-5);
    }

    [Fact]
    public void Suppressed_tokens_are_passed_over_and_those_of_the_beginning_only_there()
    {
        float[] scores = Scores((7, 9), (End, 8), (30, 5));

        Assert.Equal(End, _chooser.Choose(scores, isFirst: false, out _));
        Assert.Equal(30, _chooser.Choose(scores, isFirst: true, out _));
    }

    [Fact]
    public void A_timed_transcript_begins_with_an_early_time()
    {
        Assert.Equal(FirstTime + 12, _chooser.ChooseTimed(Scores((FirstTime + 12, 3), (FirstTime + 51, 9), (40, 20)), [], out _));
    }

    [Fact]
    public void After_a_pair_of_times_comes_text_and_after_a_phrases_end_its_twin_or_the_end()
    {
        float[] scores = Scores((40, 5), (FirstTime + 100, 9), (End, 4));

        Assert.Equal(40, _chooser.ChooseTimed(scores, [FirstTime], out _));
        Assert.Equal(40, _chooser.ChooseTimed(scores, [FirstTime, 40, FirstTime + 90, FirstTime + 90], out _));
        Assert.Equal(FirstTime + 100, _chooser.ChooseTimed(scores, [FirstTime, 40, FirstTime + 90], out _));
        Assert.Equal(End, _chooser.ChooseTimed(Scores((End, 9), (40, 20)), [FirstTime, 40, FirstTime + 90], out _));
    }

    [Fact]
    public void Times_never_go_back()
    {
        float[] scores = Scores((FirstTime + 10, 20), (FirstTime + 95, 15), (40, 1));

        Assert.Equal(FirstTime + 95, _chooser.ChooseTimed(scores, [FirstTime + 20, 40, FirstTime + 90], out _));
        Assert.Equal(FirstTime + 95, _chooser.ChooseTimed(scores, [FirstTime + 20, 40, 41], out _));
    }

    [Fact]
    public void A_time_is_chosen_when_all_times_together_are_likelier_than_any_text()
    {
        float[] scores = Scores((40, 6));

        Assert.InRange(_chooser.ChooseTimed(scores, [FirstTime, 41], out _), FirstTime, Size);
        Assert.Equal(40, _chooser.ChooseTimed(Scores((40, 8)), [FirstTime, 41], out _));
    }

    [Fact]
    public void The_language_is_the_likeliest_among_the_languages()
    {
        (int token, float probability) = _chooser.ChooseLanguage(Scores((40, 20), (English, 1), (German, 3)));

        Assert.Equal(German, token);
        Assert.Equal("de", _vocabulary.LanguageOf[token]);
        Assert.Equal(1 / (1 + Math.Exp(-2)), probability, 1e-5);
    }

    [Fact]
    public void The_probability_of_no_speech_is_among_all_tokens()
    {
        Assert.Equal(Math.Exp(8) / (Math.Exp(8) + Size - 1), _chooser.NoSpeech(Scores((NoSpeech, 8))), 1e-4);
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_an_error()
    {
        var scores = new float[Size];
        Array.Fill(scores, float.NaN);

        Assert.Throws<RecognizerException>(() => _chooser.Choose(scores, isFirst: false, out _));
    }

    [Fact]
    public void The_prompt_names_language_and_task()
    {
        Assert.Equal([Start, German, Start + 3, NoTimes], _vocabulary.Prompt(German, translate: true, times: false));
        Assert.Equal([Start, German, Start + 4], _vocabulary.Prompt(German, translate: false, times: true));
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
    }

    private static float[] Scores(params ReadOnlySpan<(int Token, float Score)> scores)
    {
        var all = new float[Size];
        foreach ((int token, float score) in scores)
        {
            all[token] = score;
        }

        return all;
    }

    [Fact]
    public void Tokens_that_the_decoder_does_not_have_are_refused()
    {
        foreach ((WhisperGeneration strange, int token) in new (WhisperGeneration, int)[]
        {
            (new WhisperGeneration { NoTimestampsTokenId = -7 }, -7),
            (new WhisperGeneration { LangToId = new() { ["<|en|>"] = Size } }, Size),
            (new WhisperGeneration { LangToId = new() { ["<|en|>"] = -3 } }, -3),
            (new WhisperGeneration { TaskToId = new() { ["transcribe"] = -2 } }, -2),
        })
        {
            var error = Assert.Throws<RecognizerException>(() => Make(strange));
            Assert.Contains($"token {token},", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_token_of_two_languages_is_refused()
    {
        var error = Assert.Throws<RecognizerException>(() => Make(new WhisperGeneration { LangToId = new() { ["<|en|>"] = English, ["<|de|>"] = English } }));

        Assert.Contains("de, en", error.Message, StringComparison.Ordinal);
    }

    private WhisperVocabulary Make(WhisperGeneration? generation = null)
    {
        string[] specials = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>", "<|nospeech|>", "<|notimestamps|>"];
        string path = Path.Combine(_folder, "tokenizer.json");
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            added_tokens = specials.Select((content, i) => new { id = Text + i, content }),
            model = new
            {
                vocab = Enumerable.Range(0, Text).ToDictionary(value => ByteAlphabet.Character((byte)value).ToString(), value => value),
                merges = Array.Empty<string>(),
            },
        }));
        generation ??= new WhisperGeneration { SuppressTokens = [7, 8, 99, 5000], BeginSuppressTokens = [End, 31], IsMultilingual = true };
        return new WhisperVocabulary(WhisperTokenizer.Load(path), generation, Size);
    }
}
