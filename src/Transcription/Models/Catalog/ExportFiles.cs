using AsrHub.Rtc.Transcription.Models.Preparation;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>Chooses what is needed of an export, which may hold the same weights in a dozen forms.</summary>
internal static class ExportFiles
{
    private static readonly string[] Needed = ["config.json", "tokenizer.json"];
    private static readonly string[] Useful = ["generation_config.json", "preprocessor_config.json", "LICENSE", "README.md", "tokens.json"];

    /// <summary>Endings of weights' names, best first for this processor.</summary>
    private static string[] Endings => ProcessorFeatures.SignedWeightsAreExact ? ["_int8", "_quantized", "_uint8", ""] : ["", "_uint8", "_quantized", "_int8"];

    /// <summary>Chooses.</summary>
    /// <param name="paths">Paths of all files, with slashes.</param>
    /// <param name="variant">Ending of the weights' names, or null for the best.</param>
    /// <exception cref="ModelInstallException">Something needed is missing.</exception>
    public static List<string> Choose(IReadOnlyCollection<string> paths, string? variant)
    {
        string[] missing = [.. Needed.Where(file => !paths.Contains(file))];
        if (missing.Length > 0)
        {
            throw new ModelInstallException($"It has no {string.Join(" and no ", missing)}: it is no Whisper export.");
        }

        string prefix = paths.Any(path => path.StartsWith("onnx/", StringComparison.Ordinal)) ? "onnx/" : "";
        string[] endings = variant is null ? Endings : [variant];
        foreach (string ending in endings)
        {
            string[] graphs = [$"{prefix}encoder_model{ending}.onnx", $"{prefix}decoder_model_merged{ending}.onnx"];
            if (graphs.All(paths.Contains))
            {
                // Weights of more than 2 GB lie beside their graph.
                return [.. Needed, .. Useful.Where(paths.Contains), .. graphs, .. graphs.Select(graph => graph + "_data").Where(paths.Contains)];
            }
        }

        throw new ModelInstallException(
            $"It has no pair of {prefix}encoder_model and {prefix}decoder_model_merged files that end in {string.Join(" or ", endings.Select(ending => $"'{ending}.onnx'"))}.");
    }
}
