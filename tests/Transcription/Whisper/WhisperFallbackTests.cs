using System.Runtime.Versioning;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

/// <summary>What exports lack is found out on graphs that really lack it, switched off by name, and done without.</summary>
[SupportedOSPlatform("linux")]
public sealed class WhisperFallbackTests : IClassFixture<WhisperFixture>, IDisposable
{
    private const string Export = WhisperFixture.Export;
    private const string Said = "and so my fellow americans ask not what your country can do for you ask what you can do for your country";

    private readonly WhisperFixture _fixture;
    private readonly string _folder = Directory.CreateTempSubdirectory("whisper-lacks-").FullName;

    public WhisperFallbackTests(WhisperFixture fixture)
    {
        _fixture = fixture;
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [SharedFact(Export)]
    public void An_encoder_of_fixed_length_gets_windows_of_thirty_seconds()
    {
        using WhisperModel model = LoadChanged(encoder: model => model.Graph.Input[0].Type.TensorType.Shape.Dim[2] = new TensorShapeProto.Types.Dimension { DimValue = AudioWindow.Full });
        using var recognizer = (WhisperRecognizer)model.CreateRecognizer();

        PassResult partial = recognizer.Run(Pass());

        Assert.Equal(new WhisperProbe { ChecksDrafts = true, HasCrossAttentions = true, TakesShortWindows = false, MaySaturate = model.Probe.MaySaturate }, model.Probe);
        Assert.Contains(model.Probe.Warnings(), warning => warning.StartsWith("Every pass encodes 30 s", StringComparison.Ordinal));
        Assert.Equal(AudioWindow.Full, recognizer.Frames);
        Assert.Equal(Said, Words.Normalized(partial.Text));
    }

    [SharedFact(Export)]
    public void A_decoder_without_cross_attentions_times_words_by_time_tokens()
    {
        using WhisperModel model = LoadChanged(decoder: RemoveCrossAttentions);
        using IRecognizer recognizer = model.CreateRecognizer();

        PassResult result = recognizer.Run(Pass() with { IsFinal = true, WordTimes = true });

        Assert.Equal(new WhisperProbe { ChecksDrafts = true, HasCrossAttentions = false, TakesShortWindows = true, MaySaturate = model.Probe.MaySaturate }, model.Probe);
        Assert.Contains(model.Probe.Warnings(), warning => warning.StartsWith("Word times come from time tokens only", StringComparison.Ordinal));
        Assert.False(model.Info.HasWordTimes);
        Assert.Equal(Said, Words.Normalized(string.Join(' ', result.Words.Select(word => word.Text))));
        Assert.InRange(result.Words[^1].EndMs, 9000, 11000);
    }

    [SharedFact(Export)]
    public void Where_tokens_with_a_past_are_masked_wrongly_drafts_are_not_fed()
    {
        var probe = new WhisperProbe { ChecksDrafts = false, HasCrossAttentions = true, TakesShortWindows = true, MaySaturate = false };
        using WhisperModel model = WhisperModel.Load(_fixture.Folder, new WhisperSettings { AssumedProbe = probe });
        using IRecognizer recognizer = model.CreateRecognizer();
        PassRequest pass = Pass() with { IsFinal = true };

        PassResult plain = recognizer.Run(pass);
        PassResult drafted = recognizer.Run(pass with { Draft = plain.Tokens });
        PassResult heard = recognizer.Run(pass with { Language = null, Draft = plain.Tokens });

        Assert.False(model.Info.CanCheckDrafts);
        Assert.Equal(plain.Tokens, drafted.Tokens);
        Assert.Equal((0, plain.Cost.DecoderCalls), (drafted.Cost.DraftTokensKept, drafted.Cost.DecoderCalls));
        Assert.Equal(Said, Words.Normalized(heard.Text));
        Assert.Equal("en", heard.Language);
    }

    [SharedFact(Export)]
    public void For_a_processor_that_saturates_signed_products_the_weights_are_made_unsigned()
    {
        Link();
        using WhisperModel model = WhisperModel.Load(_folder, new WhisperSettings { UseKernels = false, SignedWeightsAreExact = false });
        using IRecognizer recognizer = model.CreateRecognizer();

        Assert.False(model.Probe.MaySaturate);
        Assert.True(model.Probe.ChecksDrafts);
        Assert.Equal(2, Directory.GetFiles(_folder, "*-unsigned-*.onnx").Length);
        Assert.Equal(Said, Words.Normalized(recognizer.Run(Pass() with { IsFinal = true }).Text));
    }

    [SharedFact(Export)]
    public void Where_they_cannot_be_kept_beside_the_model_the_warning_says_what_to_expect()
    {
        Link();
        UnixFileMode mode = File.GetUnixFileMode(_folder);
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        using WhisperModel model = WhisperModel.Load(_folder, new WhisperSettings { UseKernels = false, SignedWeightsAreExact = false });

        File.SetUnixFileMode(_folder, mode);
        Assert.True(model.Probe.MaySaturate);
        Assert.Contains(model.Probe.Warnings(), warning => warning.Contains("without VNNI", StringComparison.Ordinal));
    }

    [SharedFact(Export)]
    public void What_the_graphs_lack_is_no_loss_where_the_weights_are_found()
    {
        using WhisperModel model = LoadChanged(
            encoder: model => model.Graph.Input[0].Type.TensorType.Shape.Dim[2] = new TensorShapeProto.Types.Dimension { DimValue = AudioWindow.Full },
            decoder: RemoveCrossAttentions,
            useKernels: true);
        using var recognizer = (WhisperRecognizer)model.CreateRecognizer();

        PassResult result = recognizer.Run(Pass() with { IsFinal = true, WordTimes = true });

        Assert.Empty(model.Probe.Warnings());
        Assert.Null(model.ShippedGraphReason);
        Assert.InRange(recognizer.Frames, 1000, AudioWindow.Full - 1);
        Assert.Equal(Said, Words.Normalized(string.Join(' ', result.Words.Select(word => word.Text))));
        Assert.InRange(result.Words[^1].EndMs, 10000, 10900);
    }

    [SharedFact(Export)]
    public void Where_weights_are_not_found_the_graphs_are_used_and_the_reason_is_kept()
    {
        using WhisperModel model = LoadChanged(
            decoder: model => SourceGraph.Nested(model.Graph).SelectMany(graph => graph.Node).ToList().ForEach(node => node.Name = node.Name.Replace("q_proj", "query", StringComparison.Ordinal)),
            useKernels: true);
        using IRecognizer recognizer = model.CreateRecognizer();

        Assert.Contains("q_proj", model.ShippedGraphReason, StringComparison.Ordinal);
        Assert.Equal(Said, Words.Normalized(recognizer.Run(Pass() with { IsFinal = true }).Text));
    }

    [SharedFact(Export)]
    public void Weights_that_give_other_scores_are_not_used()
    {
        // Names mean nothing to the graph, but our own code finds weights by them.
        using WhisperModel model = LoadChanged(
            decoder: model => ExchangeNames(model, "/model/decoder/layers.0/self_attn/v_proj/MatMul_quant", "/model/decoder/layers.5/self_attn/v_proj/MatMul_quant"),
            useKernels: true);

        Assert.Contains("other scores", model.ShippedGraphReason, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, CheckRecord.FileName)));
    }

    [SharedFact(Export)]
    public void Weights_of_another_shape_are_not_read()
    {
        using WhisperModel model = LoadChanged(
            decoder: model => ExchangeNames(model, "/model/decoder/layers.1/self_attn/v_proj/MatMul_quant", "/model/decoder/layers.1/fc1/MatMul_quant"),
            useKernels: true);

        Assert.Contains("[512, 512], where [512, 2048] is expected", model.ShippedGraphReason, StringComparison.Ordinal);
    }

    [SharedFact(Export)]
    public void The_measures_of_another_size_are_refused()
    {
        Link("generation_config.json", "tokenizer.json", "onnx/encoder_model_int8.onnx", "onnx/decoder_model_merged_int8.onnx");
        string config = File.ReadAllText(Path.Combine(_fixture.Folder, "config.json"));
        string tiny = config.Replace("\"d_model\": 512", "\"d_model\": 384", StringComparison.Ordinal)
            .Replace("attention_heads\": 8", "attention_heads\": 6", StringComparison.Ordinal);
        Assert.NotEqual(config, tiny);
        File.WriteAllText(Path.Combine(_folder, "config.json"), tiny);

        Assert.Throws<RecognizerException>(() => WhisperModel.Load(_folder));
    }

    [SharedFact(Export)]
    public void On_a_processor_on_which_our_own_code_is_slow_it_runs_only_where_it_is_asked_for()
    {
        Link();
        var settings = new WhisperSettings { KernelsAreFast = false };
        using WhisperModel usual = WhisperModel.Load(_folder, settings);
        using WhisperModel asked = WhisperModel.Load(_folder, settings with { UseKernels = true });

        Assert.Null(usual.Weights);
        Assert.Contains("AVX2", usual.ShippedGraphReason, StringComparison.Ordinal);
        Assert.NotNull(asked.Weights);
    }

    [Fact]
    public void The_smallest_files_are_chosen()
    {
        foreach (string ending in (ReadOnlySpan<string>)["_int8", "_quantized", "_uint8", ""])
        {
            File.WriteAllText(Path.Combine(_folder, $"encoder_model{ending}.onnx"), "");
            File.WriteAllText(Path.Combine(_folder, $"decoder_model_merged{ending}.onnx"), "");
        }

        List<(string Encoder, string Decoder)> found = WhisperSessions.Find(_folder, variant: null);

        Assert.Equal(4, found.Count);
        Assert.Equal((Path.Combine(_folder, "encoder_model_int8.onnx"), Path.Combine(_folder, "decoder_model_merged_int8.onnx")), found[0]);
    }

    private static void RemoveCrossAttentions(ModelProto model)
    {
        foreach (ValueInfoProto output in model.Graph.Output.Where(output => output.Name.StartsWith("cross_attentions", StringComparison.Ordinal)).ToArray())
        {
            _ = model.Graph.Output.Remove(output);
        }
    }

    private static PassRequest Pass() => new() { Audio = CheckClip.Load(), Language = "en" };

    private static void ExchangeNames(ModelProto model, string one, string other)
    {
        foreach (NodeProto node in SourceGraph.Nested(model.Graph).SelectMany(static graph => graph.Node))
        {
            node.Name = node.Name == one ? other : node.Name == other ? one : node.Name;
        }
    }

    private WhisperModel LoadChanged(Action<ModelProto>? encoder = null, Action<ModelProto>? decoder = null, bool useKernels = false)
    {
        Link("config.json", "generation_config.json", "tokenizer.json");
        Change("encoder_model_int8.onnx", encoder);
        Change("decoder_model_merged_int8.onnx", decoder);
        return WhisperModel.Load(_folder, new WhisperSettings { UseKernels = useKernels });
    }

    /// <summary>The export, all of it or some files, in a folder of our own.</summary>
    private void Link(params ReadOnlySpan<string> files)
    {
        foreach (string file in files.IsEmpty ? ["config.json", "generation_config.json", "tokenizer.json", "onnx/encoder_model_int8.onnx", "onnx/decoder_model_merged_int8.onnx"] : files)
        {
            _ = File.CreateSymbolicLink(Path.Combine(_folder, Path.GetFileName(file)), Path.Combine(_fixture.Folder, file));
        }
    }

    private void Change(string file, Action<ModelProto>? change)
    {
        string original = Path.Combine(_fixture.Folder, "onnx", file);
        string place = Path.Combine(_folder, file);
        if (change is null)
        {
            _ = File.CreateSymbolicLink(place, original);
            return;
        }

        ModelProto model = SourceGraph.Load(original).Model;
        change(model);
        PreparedFile.Publish(PreparedFile.WriteAside(model, place), place);
    }
}
