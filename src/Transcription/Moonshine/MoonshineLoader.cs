using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// Reads the weights out of the shipped graphs. The first time, what our own code hears with them is compared with what the shipped graphs hear; where that differs, or weights
/// are not found, the shipped graphs are used and the reason is kept.
/// </summary>
internal static class MoonshineLoader
{
    /// <summary>Raise it with every change of what the code computes.</summary>
    private const int Version = 1;

    /// <summary>What to decode with: one of the two.</summary>
    /// <param name="model">The model that is being loaded.</param>
    /// <param name="encoder">The shipped encoder.</param>
    /// <param name="decoder">The shipped decoder.</param>
    /// <returns>The weights, or the graphs and why.</returns>
    public static (MoonshineWeights? Weights, ShippedGraphs? Graphs, string? Reason) Load(MoonshineModel model, string encoder, string decoder)
    {
        MoonshineWeights? weights = null;
        string? reason;
        try
        {
            weights = new MoonshineWeights(SourceGraph.Load(encoder), SourceGraph.Load(decoder));
            reason = Differs(model, weights, encoder, decoder);
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or OnnxException))
        {
            // Whatever else an export that nobody has seen before makes of our own code: its graphs may still run.
            reason = exception is RecognizerException ? exception.Message : $"The weights cannot be used: {exception.Message}";
        }
        catch
        {
            weights?.LetGo();
            throw;
        }

        if (reason is null)
        {
            return (weights, null, null);
        }

        weights?.LetGo();
        (ShippedGraphs graphs, reason) = ShippedGraphs.LoadPrepared(encoder, decoder, reason);
        return (null, graphs, reason);
    }

    /// <summary>Why the weights are not to be used, by what is heard with them; null where that is what the shipped graphs hear.</summary>
    private static string? Differs(MoonshineModel model, MoonshineWeights weights, string encoder, string decoder)
    {
        CheckRecord record = CheckRecord.Of(Version, encoder, decoder);
        string folder = Path.GetDirectoryName(encoder)!;
        if (record.IsKept(folder))
        {
            return null;
        }

        using ShippedGraphs graphs = ShippedGraphs.Load(encoder, decoder);
        using var ours = new MoonshineRecognizer(model, weights);
        using var theirs = new ShippedRecognizer(model, graphs);
        (string heard, string expected) = (Hear(ours), Hear(theirs));
        if (!string.Equals(heard, expected, StringComparison.OrdinalIgnoreCase))
        {
            return $"With these weights \"{heard}\" is heard where the shipped graphs hear \"{expected}\".";
        }

        record.TryWrite(folder);
        return null;
    }

    /// <summary>The words heard, without punctuation: rounding may move a comma.</summary>
    private static string Hear(IRecognizer recognizer)
    {
        string text = recognizer.Run(new PassRequest { Audio = CheckClip.Load() }).Text;
        return string.Concat(text.Where(static letter => char.IsLetterOrDigit(letter) || letter == ' ')).Trim();
    }
}
