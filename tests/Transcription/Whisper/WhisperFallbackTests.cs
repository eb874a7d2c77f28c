using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

/// <summary>What exports lack is found out on graphs that really lack it, switched off by name, and done without.</summary>
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
        using WhisperModel model = LoadChanged(decoder: model =>
        {
            foreach (ValueInfoProto output in model.Graph.Output.Where(output => output.Name.StartsWith("cross_attentions", StringComparison.Ordinal)).ToArray())
            {
                _ = model.Graph.Output.Remove(output);
            }
        });
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
    public void A_processor_that_saturates_signed_products_is_told_of()
    {
        using WhisperModel model = WhisperModel.Load(_fixture.Folder, new WhisperSettings { SignedWeightsAreExact = false, KeepProbe = false });

        Assert.True(model.Probe.MaySaturate);
        Assert.Contains(model.Probe.Warnings(), warning => warning.Contains("without VNNI", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "_int8")]
    [InlineData(false, "")]
    public void Files_are_chosen_by_what_the_processor_multiplies_exactly(bool signedWeightsAreExact, string first)
    {
        foreach (string ending in (ReadOnlySpan<string>)["_int8", "_quantized", "_uint8", ""])
        {
            File.WriteAllText(Path.Combine(_folder, $"encoder_model{ending}.onnx"), "");
            File.WriteAllText(Path.Combine(_folder, $"decoder_model_merged{ending}.onnx"), "");
        }

        List<(string Encoder, string Decoder)> found = WhisperSessions.Find(_folder, variant: null, signedWeightsAreExact);

        Assert.Equal(4, found.Count);
        Assert.Equal((Path.Combine(_folder, $"encoder_model{first}.onnx"), Path.Combine(_folder, $"decoder_model_merged{first}.onnx")), found[0]);
    }

    private static PassRequest Pass() => new() { Audio = CheckClip.Load(), Language = "en" };

    private WhisperModel LoadChanged(Action<ModelProto>? encoder = null, Action<ModelProto>? decoder = null)
    {
        foreach (string file in (ReadOnlySpan<string>)["config.json", "generation_config.json", "tokenizer.json"])
        {
            _ = File.CreateSymbolicLink(Path.Combine(_folder, file), Path.Combine(_fixture.Folder, file));
        }

        Change("encoder_model_int8.onnx", encoder);
        Change("decoder_model_merged_int8.onnx", decoder);
        return WhisperModel.Load(_folder);
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
