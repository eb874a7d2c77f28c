using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

public sealed class MoonshinePreparationTests : IDisposable
{
    private const string Encoder = "encoder_model.onnx";
    private const string Decoder = "decoder_model_merged.onnx";

    private readonly string _folder = Directory.CreateTempSubdirectory("asrhub-moonshine-").FullName;

    public MoonshinePreparationTests()
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
    public void The_copies_lie_beside_the_originals_with_hash_and_version_and_are_used_again()
    {
        MoonshineModel.Load(_folder).Dispose();
        string[] made = Prepared();
        DateTime[] times = [.. made.Select(File.GetLastWriteTimeUtc)];

        using MoonshineModel again = MoonshineModel.Load(_folder);

        Assert.Equal(3, made.Length);
        Assert.All(made, path => Assert.Matches($"prepared-v{PreparedFile.RewriterVersion}-(front|[su]8)-[0-9a-f]{{64}}\\.onnx$", path));
        Assert.Equal(times, Prepared().Select(File.GetLastWriteTimeUtc));
        Assert.Null(again.ShippedGraphsReason);
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

        Assert.Equal(3, Prepared().Length);
        Assert.Empty(Directory.GetFiles(_folder, "*.part"));
    }

    [Fact]
    public void Where_nothing_can_be_written_beside_the_original_a_temporary_file_serves()
    {
        SourceGraph source = SourceGraph.Load(Path.Combine(_folder, Encoder));
        const string Nowhere = "/proc/asrhub/encoder.onnx";

        string aside = PreparedFile.WriteAside(source.Model, Nowhere);
        PreparedFile.Publish(aside, Nowhere);

        Assert.StartsWith(Path.GetTempPath(), aside, StringComparison.Ordinal);
        Assert.Equal(source.Model.Graph.Node.Count, SourceGraph.Load(aside).Model.Graph.Node.Count);
        File.Delete(aside);
    }

    [Fact]
    public void A_damaged_copy_is_made_anew()
    {
        MoonshineModel.Load(_folder).Dispose();
        string damaged = Prepared()[0];
        long length = new FileInfo(damaged).Length;
        File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..10_000]);

        using MoonshineModel model = MoonshineModel.Load(_folder);

        Assert.Null(model.ShippedGraphsReason);
        Assert.Equal(length, new FileInfo(damaged).Length);
    }

    [Fact]
    public void Copies_that_hear_something_else_are_not_used()
    {
        // Names mean nothing to the shipped graph, but the preparation finds weights by them: with two exchanged its copy is wrong.
        Rename(name => name switch
        {
            "/model/decoder/layers.0/self_attn/q_proj/MatMul_quant" => "/model/decoder/layers.5/encoder_attn/dense/MatMul_quant",
            "/model/decoder/layers.5/encoder_attn/dense/MatMul_quant" => "/model/decoder/layers.0/self_attn/q_proj/MatMul_quant",
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
        Assert.Empty(Prepared());
        Assert.Empty(Directory.GetFiles(_folder, "*.part"));
    }

    private string[] Prepared()
    {
        string[] files = Directory.GetFiles(_folder, "*.prepared-*.onnx");
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }
}
