using System.Text;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

public sealed class WordTests
{
    private const int FirstTime = 1000;

    [Fact]
    public void Words_begin_with_their_space_and_keep_their_punctuation()
    {
        Assert.Equal(["Hello", " wor|ld|,", " it|'s"], Split("Hello", " wor", "ld", ",", " it", "'s"));
    }

    [Fact]
    public void Scripts_without_spaces_are_split_by_character_whatever_the_tokens_are()
    {
        byte[] han = Encoding.UTF8.GetBytes("京");
        byte[][] pieces = [.. new[] { "東" }.Select(Encoding.UTF8.GetBytes), han[..1], han[1..], Encoding.UTF8.GetBytes("都。")];

        List<WordSpan> spans = WordSplitter.Split([0, 1, 2, 3], TokenTable.From(pieces));

        Assert.Equal([new WordSpan(0, 1), new WordSpan(1, 3), new WordSpan(3, 4)], spans);
    }

    [Fact]
    public void No_tokens_make_no_words()
    {
        Assert.Empty(Split());
    }

    [Fact]
    public void Words_get_the_time_of_their_tokens_and_their_mean_confidence()
    {
        var audio = new float[100 * VoicedFrames.Samples];
        Array.Fill(audio, 0.5f);

        List<WordTime> words = WordTimes.FromFrames([0, 1, 2], [0.5f, 1f, 0.25f], [10, 20, 60, 110], Table(" one", "s", " two."), audio);

        Assert.Equal([new WordTime("ones", 200, 1200, 0.75f), new WordTime("two.", 1200, 2000, 0.25f)], words);
    }

    [Fact]
    public void Without_attention_a_phrases_time_is_shared_out_by_length()
    {
        int[] starts = WordTimes.Interpolate([FirstTime + 10, 0, 1, FirstTime + 20, FirstTime + 50, 2, FirstTime + 60], FirstTime, Table(" abcd", " fghi", " x"), 100);

        Assert.Equal([10, 15, 50, 60], starts);
    }

    [Fact]
    public void A_phrase_that_was_cut_ends_with_the_audio()
    {
        Assert.Equal([10, 55, 100], WordTimes.Interpolate([FirstTime + 10, 0, 1], FirstTime, Table(" abcd", " fghi"), 100));
        Assert.Equal([100], WordTimes.Interpolate([], FirstTime, Table(), 100));
    }

    [Theory]
    [InlineData(1, true, 350)]
    [InlineData(8000, true, 350)]
    [InlineData(8001, true, 400)]
    [InlineData(30 * 16000, true, 3000)]
    [InlineData(1, false, 110)]
    [InlineData(16000, false, 200)]
    [InlineData(16001, false, 210)]
    [InlineData(29 * 16000, false, 3000)]
    public void Windows_hold_the_speech_and_silence_behind_it_less_for_a_partial(int samples, bool isFinal, int frames)
    {
        Assert.Equal(new AudioWindow(frames), AudioWindow.For(samples, isFinal));
    }

    [Theory]
    [InlineData(1, 102, 45)]
    [InlineData(16000, 200, 43)]
    [InlineData(16001, 202, 43)]
    [InlineData(20 * 16000, 2100, 14)]
    [InlineData(28 * 16000, 2900, 1)]
    [InlineData(29 * 16000, 3000, 0)]
    [InlineData(30 * 16000, 3000, 0)]
    public void Finals_of_our_own_encoder_hear_the_rest_of_thirty_seconds_by_positions_that_stand_for_it(int samples, int frames, int spread)
    {
        var window = AudioWindow.Spreading(samples, isFinal: true);
        int[] positions = [.. Enumerable.Range(0, spread).Select(window.PositionOf)];

        Assert.Equal(new AudioWindow(frames, spread), window);
        Assert.Equal(spread > 0 ? 1500 - (frames / 2) : 0, spread * window.Count, 1e-2);
        Assert.All(positions, position => Assert.InRange(position, window.Dense, 1499));
        Assert.Equal(positions.Distinct().Order(), positions);
        Assert.Equal(AudioWindow.For(samples, isFinal: false), AudioWindow.Spreading(samples, isFinal: false));
    }

    [Theory]
    [InlineData(" produced the block, produced the block, produced", " produced the block,", true)]
    [InlineData(" then in ugly ones. Then in ug", " then in ugly ones.", true)]
    [InlineData(" The book printed with types, the Gut or 42 line book, printed with types, the Gut or 42 line book, printed", " The book printed with types, the Gut or 42 line", false)]
    [InlineData(" in 14 in 14", " in 14", true)]
    public void What_is_said_again_to_the_end_is_found(string said, string heard, bool isFromStart)
    {
        (int[] tokens, TokenTable table) = Tokens(said);

        int at = Echo.Find(tokens, table, out bool fromStart);

        Assert.Equal(heard, table.Decode(tokens.AsSpan(0, at)));
        Assert.Equal(isFromStart, fromStart);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" word")]
    [InlineData(" ask not what your country can do for you ask what you can do for your country")]
    [InlineData(" I had had enough")]
    [InlineData(" he said that that")]
    public void Plain_speech_has_no_echo(string said)
    {
        (int[] tokens, TokenTable table) = Tokens(said);

        Assert.Equal(-1, Echo.Find(tokens, table, out bool fromStart));
        Assert.False(fromStart);
    }

    private static (int[] Tokens, TokenTable Table) Tokens(string said)
    {
        string[] pieces = said.Split(' ').Skip(1).Select(word => " " + word).ToArray();
        return ([.. Enumerable.Range(0, pieces.Length)], Table(pieces));
    }

    private static TokenTable Table(params string[] pieces)
    {
        return TokenTable.From([.. pieces.Select(Encoding.UTF8.GetBytes)]);
    }

    private static IEnumerable<string> Split(params string[] pieces)
    {
        return WordSplitter.Split([.. Enumerable.Range(0, pieces.Length)], Table(pieces)).Select(span => string.Join('|', pieces[span.First..span.End]));
    }
}
