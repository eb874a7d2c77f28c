using System.Runtime.Versioning;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
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
    [InlineData("/model/decoder/layers.0/self_attn/dense/MatMul_quant", "/model/decoder/layers.0/mlp/up_proj/MatMul_quant", "[288, 2304], where [288, 288] is expected")]
    [InlineData("/model/decoder/layers.3/mlp/down_proj/MatMul_quant", "/model/decoder/layers.3/encoder_attn/q_proj/MatMul_quant", "[1152, 288], where [288, 288] is expected")]
    public void Weights_of_another_shape_are_not_read(string one, string other, string reason)
    {
        // Our own code would read behind the smaller of the two, and write behind what it has room for.
        Rename(name => name == one ? other : name == other ? one : name);

        AssertShippedGraphsAreUsed(reason);
    }

    [Theory]
    [InlineData("conv3.bias", "layers.0.mlp.fc1.bias", "[1152], where [288] is expected")]
    [InlineData("conv2.bias", "layer_norm.weight", "'conv2.bias' in shape [288], where [576] is expected")]
    public void Biases_and_norms_of_another_length_are_not_read(string one, string other, string reason)
    {
        Change(Encoder, model =>
        {
            foreach (GraphProto graph in SourceGraph.Nested(model.Graph))
            {
                foreach (TensorProto tensor in graph.Initializer)
                {
                    tensor.Name = Other(tensor.Name);
                }

                foreach (NodeProto node in graph.Node)
                {
                    for (int i = 0; i < node.Input.Count; i++)
                    {
                        node.Input[i] = Other(node.Input[i]);
                    }
                }
            }
        });

        AssertShippedGraphsAreUsed(reason);

        string Other(string name)
        {
            return name == one ? other : name == other ? one : name;
        }
    }

    [Fact]
    public void A_model_with_more_layers_is_not_taken_for_tiny()
    {
        Change(Decoder, model => SourceGraph.Nested(model.Graph).Skip(1).First().Node.First(node => node.OpType == "Shape").Name = "/model/decoder/layers.6/self_attn/q_proj/MatMul_quant");

        AssertShippedGraphsAreUsed("more than 6 layers");
    }

    [Fact]
    public void Weights_in_a_file_of_their_own_are_left_to_the_shipped_graphs()
    {
        Change(Decoder, MoveOut);

        AssertShippedGraphsAreUsed("external data");
    }

    [Fact]
    public void On_a_processor_on_which_our_own_code_is_slow_it_runs_only_where_it_is_asked_for()
    {
        var settings = new MoonshineSettings { KernelsAreFast = false };
        using MoonshineModel usual = MoonshineModel.Load(_folder, settings);
        using MoonshineModel asked = MoonshineModel.Load(_folder, settings with { UseKernels = true });

        Assert.Null(usual.Weights);
        Assert.Contains("AVX2", usual.ShippedGraphsReason, StringComparison.Ordinal);
        Assert.NotNull(asked.Weights);
    }

    [Fact]
    public void Where_the_graphs_are_used_the_decoder_is_a_prepared_copy_that_hears_the_same()
    {
        using MoonshineModel prepared = MoonshineModel.Load(_folder, new MoonshineSettings { KernelsAreFast = false });
        string copy = Assert.Single(Directory.GetFiles(_folder, "*.prepared-*.onnx"));
        using MoonshineModel shipped = MoonshineModel.Load(_folder, new MoonshineSettings { UseKernels = false });
        using IRecognizer ours = prepared.CreateRecognizer();
        using IRecognizer theirs = shipped.CreateRecognizer();
        var pass = new PassRequest { Audio = CheckClip.Load(), IsFinal = true };

        Assert.StartsWith(Path.Combine(_folder, Path.GetFileNameWithoutExtension(Decoder)), copy, StringComparison.Ordinal);
        Assert.DoesNotContain(copy, prepared.ShippedGraphsReason, StringComparison.Ordinal);
        Assert.Equal(theirs.Run(pass).Tokens, ours.Run(pass).Tokens);
    }

    [Fact]
    public void Where_no_copy_can_be_kept_the_shipped_decoder_is_used_and_the_reason_says_so()
    {
        UnixFileMode mode = File.GetUnixFileMode(_folder);
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        using MoonshineModel model = MoonshineModel.Load(_folder, new MoonshineSettings { KernelsAreFast = false });

        File.SetUnixFileMode(_folder, mode);
        Assert.Contains("AVX2", model.ShippedGraphsReason, StringComparison.Ordinal);
        Assert.Contains("may not be written to", model.ShippedGraphsReason, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder, "*.prepared-*"));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(MoonshineShape.Vocabulary)]
    [InlineData(int.MaxValue)]
    public void A_token_that_the_table_does_not_have_is_refused(int token)
    {
        using MoonshineModel model = MoonshineModel.Load(_folder);

        var error = Assert.Throws<RecognizerException>(() => model.Weights!.Embed(token, new float[MoonshineShape.Width]));

        Assert.Contains($"Token {token} ", error.Message, StringComparison.Ordinal);
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
        Change(Decoder, model =>
        {
            foreach (NodeProto node in SourceGraph.Nested(model.Graph).Skip(1).SelectMany(graph => graph.Node))
            {
                node.Name = rename(node.Name);
            }
        });
    }

    private void Change(string file, Action<ModelProto> change)
    {
        string path = Path.Combine(_folder, file);
        ModelProto model = SourceGraph.Load(path).Model;
        change(model);
        File.Move(PreparedFile.WriteAside(model, path), path, overwrite: true);
    }

    /// <summary>Puts large tensors into a file beside the model.</summary>
    private void MoveOut(ModelProto model)
    {
        const string Name = "decoder.onnx_data";
        using FileStream data = File.Create(Path.Combine(_folder, Name));
        foreach (TensorProto tensor in SourceGraph.Nested(model.Graph).SelectMany(graph => graph.Initializer).Where(tensor => tensor.RawData.Length >= 1024))
        {
            foreach ((string key, string value) in new[] { ("location", Name), ("offset", $"{data.Position}"), ("length", $"{tensor.RawData.Length}") })
            {
                tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
            }

            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            data.Write(tensor.RawData.Span);
            tensor.ClearRawData();
        }
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
