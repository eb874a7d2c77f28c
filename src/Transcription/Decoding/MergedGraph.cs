using System.Globalization;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>What a merged decoder of the Hugging Face layout looks like, read from its inputs and outputs.</summary>
internal sealed class MergedGraph
{
    /// <summary>Reads a session's graph.</summary>
    /// <param name="session">A <c>decoder_model_merged</c>.</param>
    /// <exception cref="OnnxException">It is none.</exception>
    public MergedGraph(OrtSession session)
    {
        Session = session;
        OrtValueInfo? key = session.Inputs.FirstOrDefault(info => info.Name == Name("past_key_values", 0, "decoder", "key"));
        OrtValueInfo? logits = session.Outputs.FirstOrDefault(info => info.Name == "logits");
        bool hasSwitch = session.Inputs.Any(info => info.Name == "use_cache_branch");
        if (key is not { Shape.Count: 4 } || logits is not { Shape.Count: 3 } || !hasSwitch)
        {
            throw new OnnxException($"'{session.Path}' is not a merged decoder with caches (past_key_values, use_cache_branch, logits).");
        }

        Heads = (int)key.Shape[1];
        HeadWidth = (int)key.Shape[3];
        Vocabulary = (int)logits.Shape[2];
        while (session.Inputs.Any(info => info.Name == Name("past_key_values", Layers, "decoder", "key")))
        {
            Layers++;
        }
    }

    /// <summary>The session.</summary>
    public OrtSession Session { get; }

    /// <summary>Layers of the decoder.</summary>
    public int Layers { get; }

    /// <summary>Attention heads.</summary>
    public int Heads { get; }

    /// <summary>Numbers a head.</summary>
    public int HeadWidth { get; }

    /// <summary>Tokens in the vocabulary.</summary>
    public int Vocabulary { get; }

    /// <summary>Names of one side's caches, key and value layer by layer.</summary>
    /// <param name="prefix"><c>past_key_values</c> or <c>present</c>.</param>
    /// <param name="side"><c>decoder</c> or <c>encoder</c>.</param>
    public IEnumerable<string> Names(string prefix, string side)
    {
        for (int layer = 0; layer < Layers; layer++)
        {
            yield return Name(prefix, layer, side, "key");
            yield return Name(prefix, layer, side, "value");
        }
    }

    private static string Name(string prefix, int layer, string side, string part)
    {
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}.{layer}.{side}.{part}");
    }
}
