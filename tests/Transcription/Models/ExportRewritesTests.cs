using System.Text.RegularExpressions;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Tests.Models;

/// <summary>The rewrites for any export, on the one export here that shows their patterns: Moonshine's merged decoder.</summary>
public sealed class ExportRewritesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("asrhub-export-").FullName;
    private readonly string _decoder;

    public ExportRewritesTests()
    {
        _decoder = Path.Combine(_folder, "decoder_model_merged.onnx");
        File.Copy(ModelLocator.File("moonshine-tiny/decoder_model_merged.onnx"), _decoder);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Both_patterns_are_found_in_both_branches_and_only_once()
    {
        ModelProto model = SourceGraph.Load(_decoder).Model;

        (int logits, int scales) = ExportRewrites.Apply(model);

        Assert.Equal(2, logits);
        Assert.Equal(24, scales);
        Assert.Equal((0, 0), ExportRewrites.Apply(model));
        Assert.DoesNotContain(
            SourceGraph.Nested(model.Graph).SelectMany(graph => graph.Node),
            node => node.OpType == "DequantizeLinear" && node.Output[0].EndsWith("weight_transposed", StringComparison.Ordinal));
        Assert.Single(model.Graph.Initializer, tensor => tensor.Name.EndsWith("/transposed", StringComparison.Ordinal));
    }

    [Fact]
    public void The_copy_gives_the_same_scores_and_is_found_again()
    {
        (string path, string? reason) = PreparedExport.Decoder(_decoder, signedWeightsAreExact: true);
        (string again, _) = PreparedExport.Decoder(_decoder, signedWeightsAreExact: true);

        Assert.Null(reason);
        Assert.Matches(new Regex(@"\.prepared-v\d+-export-[0-9a-f]{64}\.onnx$"), path);
        Assert.Equal(path, again);
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void An_export_without_the_patterns_is_used_as_it_is()
    {
        string encoder = Path.Combine(_folder, "encoder_model.onnx");
        File.Copy(ModelLocator.File("silero-vad/silero_vad_v5.onnx"), encoder);

        Assert.Equal((encoder, null), PreparedExport.Decoder(encoder, signedWeightsAreExact: true));
    }

    [Fact]
    public void An_export_that_cannot_be_compared_is_used_as_it_is_with_the_reason()
    {
        ModelProto model = SourceGraph.Load(_decoder).Model;
        model.Graph.Input.First(input => input.Name == "use_cache_branch").Name = "switch";
        model.Graph.Node[0].Input[0] = "switch";
        File.Move(PreparedFile.WriteAside(model, _decoder), _decoder, overwrite: true);

        (string path, string? reason) = PreparedExport.Decoder(_decoder, signedWeightsAreExact: true);

        Assert.Equal(_decoder, path);
        Assert.Contains("use_cache_branch", reason, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [SharedFact("models/whisper-base")]
    public void Signed_weights_are_made_unsigned_and_the_signed_ones_go()
    {
        ModelProto model = SourceGraph.Load(SharedData.Find("models/whisper-base/onnx/encoder_model_int8.onnx")!).Model;
        int size = model.CalculateSize();

        Assert.Equal(36, ExportRewrites.MakeUnsigned(model));

        Assert.InRange(model.CalculateSize(), size * 0.99, size * 1.01);
        Assert.DoesNotContain(model.Graph.Initializer, tensor => tensor.DataType == (int)OrtElementType.Int8);
        Assert.Equal(0, ExportRewrites.MakeUnsigned(model));
    }
}
