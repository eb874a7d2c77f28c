using System.Text;
using System.Text.Json;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

public sealed class WhisperTokenizerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;

    private string File => Path.Combine(_folder, "tokenizer.json");

    [Fact]
    public void Merges_are_made_in_order_of_rank_whether_written_as_pairs_or_as_strings()
    {
        foreach (bool asPairs in new[] { true, false })
        {
            WhisperTokenizer tokenizer = Load(["Ġ h", "l o", "Ġh e", "Ġhe l"], asPairs);

            Assert.Equal(["Ġhel", "lo"], tokenizer.Encode(" hello").Select(token => Entry(tokenizer, token)));
            Assert.Equal(["h", "e"], tokenizer.Encode("he").Select(token => Entry(tokenizer, token)));
        }
    }

    [Fact]
    public void Bytes_of_any_text_come_back_and_an_unfinished_code_point_is_left_out()
    {
        WhisperTokenizer tokenizer = Load([], asPairs: true);
        const string Text = "naïve 東京 😀\n\u0001";

        List<int> tokens = tokenizer.Encode(Text);

        Assert.Equal(Encoding.UTF8.GetByteCount(Text), tokens.Count);
        Assert.Equal(Text, tokenizer.Table.Decode(tokens.ToArray()));
        Assert.Equal("naïve 東", tokenizer.Table.Decode(tokenizer.Encode("naïve 東京").ToArray().AsSpan()[..^1]));
    }

    [Fact]
    public void Specials_have_ids_and_no_bytes()
    {
        WhisperTokenizer tokenizer = Load([], asPairs: true);

        int start = tokenizer.Specials["<|startoftranscript|>"];

        Assert.True(tokenizer.Table.Piece(start).IsEmpty);
        Assert.Equal("", tokenizer.Table.Decode([start, start]));
    }

    [Fact]
    public void Only_the_end_of_a_long_prompt_is_encoded()
    {
        WhisperTokenizer tokenizer = Load([], asPairs: true);

        List<int> tokens = tokenizer.Encode(new string('a', 1_000_000) + "b");

        Assert.Equal(2000, tokens.Count);
        Assert.Equal("b", Entry(tokenizer, tokens[^1]));
    }

    [Fact]
    public void Every_beginning_of_a_file_is_refused_with_its_name()
    {
        _ = Load(["l o"], asPairs: true);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int length = 0; length < whole.Length; length += 97)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);

            RecognizerException exception = Assert.Throws<RecognizerException>(() => WhisperTokenizer.Load(File));

            Assert.Contains(File, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"model":{"vocab":{"a":-1},"merges":[]},"added_tokens":[]}""")]
    [InlineData("""{"model":{"vocab":{"a":2000000000},"merges":[]},"added_tokens":[]}""")]
    [InlineData("""{"model":{"vocab":{"a":"b"},"merges":[]},"added_tokens":[]}""")]
    [InlineData("""{"model":{"vocab":{"a":0},"merges":["a b"]},"added_tokens":[]}""")]
    [InlineData("""{"model":{"vocab":{"a":0},"merges":[7]},"added_tokens":[]}""")]
    [InlineData("""{"model":{"vocab":[],"merges":[]},"added_tokens":[]}""")]
    [InlineData("[]")]
    public void What_is_no_tokenizer_is_refused(string json)
    {
        System.IO.File.WriteAllText(File, json);

        Assert.Throws<RecognizerException>(() => WhisperTokenizer.Load(File));
    }

    [SharedFact("models/whisper-base/tokenizer.json")]
    public void Whispers_own_tokens_are_those_of_its_vocabulary()
    {
        WhisperTokenizer tokenizer = WhisperTokenizer.Load(SharedData.Find("models/whisper-base/tokenizer.json")!);

        Assert.Equal([400, 370, 452, 7177, 6280, 1029, 406], tokenizer.Encode(" And so my fellow Americans ask not"));
        Assert.Equal(" And so my", tokenizer.Table.Decode([50258, 400, 370, 452, 50257]));
        Assert.Equal(50258, tokenizer.Specials["<|startoftranscript|>"]);
        Assert.Equal(50362, tokenizer.Specials["<|nospeech|>"]);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
    }

    private static string Entry(WhisperTokenizer tokenizer, int token)
    {
        return string.Concat(tokenizer.Table.Piece(token).ToArray().Select(ByteAlphabet.Character));
    }

    private WhisperTokenizer Load(string[] merges, bool asPairs)
    {
        var vocabulary = new Dictionary<string, int>();
        for (int value = 0; value < 256; value++)
        {
            vocabulary[ByteAlphabet.Character((byte)value).ToString()] = value;
        }

        foreach (string merge in merges)
        {
            vocabulary[merge.Replace(" ", "", StringComparison.Ordinal)] = vocabulary.Count;
        }

        object[] written = [.. merges.Select(merge => asPairs ? (object)merge.Split(' ') : merge)];
        System.IO.File.WriteAllText(File, JsonSerializer.Serialize(new
        {
            added_tokens = new[] { new { id = vocabulary.Count, content = "<|startoftranscript|>" } },
            model = new { vocab = vocabulary, merges = written },
        }));
        return WhisperTokenizer.Load(File);
    }
}
