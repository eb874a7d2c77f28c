using System.Runtime.Versioning;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

[SupportedOSPlatform("linux")]
public sealed class MoonshineLoaderTests : IDisposable
{
    private const string Encoder = "encoder_model.onnx";
    private const string Decoder = "decoder_model_merged.onnx";

    private readonly string _folder = Directory.CreateTempSubdirectory("asrhub-moonshine-").FullName;

    private string Kept => Path.Combine(_folder, CheckRecord.FileName);

    public MoonshineLoaderTests()
    {
        string installed = Path.Combine(ModelLocator.Root(), MoonshineModel.DefaultFolder);
        foreach (string file in (string[])[Encoder, Decoder, "tokens.json"])
        {
            File.Copy(Path.Combine(installed, file), Path.Combine(_folder, file));
        }
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_was_compared_once_is_kept_beside_the_model_and_believed()
    {
        MoonshineModel.Load(_folder).Dispose();
        DateTime made = File.GetLastWriteTimeUtc(Kept);

        using MoonshineModel again = MoonshineModel.Load(_folder);

        Assert.Null(again.ShippedGraphsReason);
        Assert.Equal(made, File.GetLastWriteTimeUtc(Kept));
        Assert.Empty(Directory.GetFiles(_folder, "*.part"));
    }

    [Fact]
    public async Task Two_loads_at_once_both_succeed()
    {
        MoonshineModel[] models = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => MoonshineModel.Load(_folder))));

        foreach (MoonshineModel model in models)
        {
            Assert.Null(model.ShippedGraphsReason);
            model.Dispose();
        }

        Assert.True(File.Exists(Kept));
        Assert.Empty(Directory.GetFiles(_folder, "*.part"));
    }

    [Fact]
    public void A_folder_that_is_not_to_be_written_to_is_left_alone()
    {
        UnixFileMode mode = File.GetUnixFileMode(_folder);
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        using MoonshineModel model = MoonshineModel.Load(_folder);

        File.SetUnixFileMode(_folder, mode);
        Assert.Null(model.ShippedGraphsReason);
        Assert.False(File.Exists(Kept));
    }

    [Fact]
    public void A_damaged_record_is_made_anew()
    {
        MoonshineModel.Load(_folder).Dispose();
        string content = File.ReadAllText(Kept);
        File.WriteAllText(Kept, content[..20]);

        using MoonshineModel model = MoonshineModel.Load(_folder);

        Assert.Null(model.ShippedGraphsReason);
        Assert.Equal(content, File.ReadAllText(Kept));
    }

    [Fact]
    public void Weights_with_which_something_else_is_heard_are_not_used()
    {
        // Names mean nothing to the shipped graph, but our own code finds weights by them: with those of two layers exchanged it hears something else.
        Rename(name => name switch
        {
            "/model/decoder/layers.0/self_attn/v_proj/MatMul_quant" => "/model/decoder/layers.5/self_attn/v_proj/MatMul_quant",
            "/model/decoder/layers.5/self_attn/v_proj/MatMul_quant" => "/model/decoder/layers.0/self_attn/v_proj/MatMul_quant",
            _ => name,
        });

        AssertShippedGraphsAreUsed("hear");
    }

    [Fact]
    public void An_export_in_which_weights_are_not_found_is_used_as_it_is()
    {
        Rename(name => name.Replace("q_proj", "query", StringComparison.Ordinal));

        AssertShippedGraphsAreUsed("q_proj");
    }

    [Theory]
    [InlineData(Encoder)]
    [InlineData(Decoder)]
    public void A_damaged_model_is_a_clear_error(string name)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..1_000_000]);

        var error = Assert.Throws<RecognizerException>(() => MoonshineModel.Load(_folder));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("models/install", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_model_is_a_clear_error()
    {
        File.Delete(Path.Combine(_folder, Decoder));

        var error = Assert.Throws<RecognizerException>(() => MoonshineModel.Load(_folder));

        Assert.Contains(Decoder, error.Message, StringComparison.Ordinal);
        Assert.Contains("models/install", error.Message, StringComparison.Ordinal);
    }

    private void Rename(Func<string, string> rename)
    {
        string decoder = Path.Combine(_folder, Decoder);
        SourceGraph source = SourceGraph.Load(decoder);
        foreach (var node in SourceGraph.Nested(source.Model.Graph).Skip(1).SelectMany(graph => graph.Node))
        {
            node.Name = rename(node.Name);
        }

        File.Move(PreparedFile.WriteAside(source.Model, decoder), decoder, overwrite: true);
    }

    private void AssertShippedGraphsAreUsed(string reason)
    {
        using MoonshineModel model = MoonshineModel.Load(_folder);
        using IRecognizer recognizer = model.CreateRecognizer();
        Assert.Contains(reason, model.ShippedGraphsReason, StringComparison.Ordinal);
        Assert.Contains("country", recognizer.Run(new PassRequest { Audio = CheckClip.Load() }).Text, StringComparison.Ordinal);
        Assert.False(File.Exists(Kept));
        Assert.Empty(Directory.GetFiles(_folder, "*.part"));
    }
}
