using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Models;

public sealed class ModelLoaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loader-").FullName;

    [Fact]
    public void A_folder_is_known_by_its_files()
    {
        Put("config.json", """{"model_type":"whisper"}""");

        Assert.Equal(ModelKind.Whisper, ModelLoader.Recognize(_folder));
        File.Delete(Path.Combine(_folder, "config.json"));
        foreach (string file in new[] { "encoder_model.onnx", "decoder_model_merged.onnx", "tokens.json" })
        {
            Put(file, "");
        }

        Assert.Equal(ModelKind.Moonshine, ModelLoader.Recognize(_folder));
    }

    [Fact]
    public void What_a_folder_lacks_is_named()
    {
        Put("encoder_model.onnx", "");

        RecognizerException exception = Assert.Throws<RecognizerException>(() => ModelLoader.Load(_folder));

        Assert.Contains("lacks decoder_model_merged.onnx and tokens.json", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model_type":"llama"}""", "'llama'")]
    [InlineData("""{"model_type":7}""", "cannot be read")]
    [InlineData("""[]""", "cannot be read")]
    [InlineData("""{""", "cannot be read")]
    [InlineData("""{"model_type":"whisper"}""", "measures")]
    [InlineData("""{"model_type":"whisper","d_model":512,"decoder_layers":6,"decoder_attention_heads":8,"num_mel_bins":80,"vocab_size":51865}""", "tokenizer.json")]
    public void What_is_wrong_with_a_config_is_said(string config, string expected)
    {
        Put("config.json", config);

        RecognizerException exception = Assert.Throws<RecognizerException>(() => ModelLoader.Load(_folder));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        string missing = Path.Combine(_folder, "missing");

        Assert.Contains(missing, Assert.Throws<RecognizerException>(() => ModelLoader.Load(missing)).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
    }

    private void Put(string file, string text)
    {
        File.WriteAllText(Path.Combine(_folder, file), text);
    }
}
