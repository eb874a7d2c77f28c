using AsrHub.Rtc.Transcription.Models.Preparation;
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
        MoonshineWeights weights;
        try
        {
            weights = new MoonshineWeights(SourceGraph.Load(encoder), SourceGraph.Load(decoder));
        }
        catch (RecognizerException exception)
        {
            return (null, ShippedGraphs.Load(encoder, decoder), exception.Message);
        }

        CheckRecord record = CheckRecord.Of(Version, encoder, decoder);
        string folder = Path.GetDirectoryName(encoder)!;
        if (record.IsKept(folder))
        {
            return (weights, null, null);
        }

        ShippedGraphs graphs;
        try
        {
            graphs = ShippedGraphs.Load(encoder, decoder);
        }
        catch
        {
            weights.LetGo();
            throw;
        }

        using var ours = new MoonshineRecognizer(model, weights);
        using var theirs = new ShippedRecognizer(model, graphs);
        (string heard, string expected) = (Hear(ours), Hear(theirs));
        if (string.Equals(heard, expected, StringComparison.OrdinalIgnoreCase))
        {
            record.TryWrite(folder);
            graphs.Dispose();
            return (weights, null, null);
        }

        weights.LetGo();
        return (null, graphs, $"With these weights \"{heard}\" is heard where the shipped graphs hear \"{expected}\".");
    }

    /// <summary>The words heard, without punctuation: rounding may move a comma.</summary>
    private static string Hear(IRecognizer recognizer)
    {
        string text = recognizer.Run(new PassRequest { Audio = CheckClip.Load() }).Text;
        return string.Concat(text.Where(static letter => char.IsLetterOrDigit(letter) || letter == ' ')).Trim();
    }
}
