namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>Which files of a source make a model: hubs keep a dozen storage forms of the same weights beside each other.</summary>
public static class ModelFiles
{
    private const string Config = "config.json";
    private const string Tokenizer = "tokenizer.json";
    private static readonly string[] WhisperSmall = [Config, Tokenizer, "generation_config.json", "preprocessor_config.json"];
    private static readonly string[] MoonshineNeeds = ["encoder_model.onnx", "decoder_model_merged.onnx", "tokens.json"];
    private static readonly string[] SmallFirst = ["int8", "q8", "uint8", "fp32"];

    private static readonly Dictionary<string, string> Endings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["fp32"] = "",
        ["int8"] = "_int8",
        ["q8"] = "_quantized",
        ["uint8"] = "_uint8",
    };

    /// <summary>Storage forms that can be asked for.</summary>
    public static IReadOnlyCollection<string> Dtypes => Endings.Keys;

    /// <summary>Chooses.</summary>
    /// <param name="files">What the source has.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <param name="dtype">Storage form asked for; null for the best that there is.</param>
    /// <exception cref="ModelStoreException">It has no model that can be used; the message says what it lacks.</exception>
    public static ChosenFiles Choose(IReadOnlyList<SourceFile> files, string source, string? dtype)
    {
        ArgumentNullException.ThrowIfNull(files);
        var byPath = new Dictionary<string, SourceFile>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!byPath.TryAdd(file.Path, file))
            {
                throw new ModelStoreException($"{source} lists '{file.Path}' twice, so that it is not clear which is meant. Nothing was taken.");
            }
        }

        if (dtype is not null && !Endings.ContainsKey(dtype))
        {
            throw new ModelStoreException($"There is no dtype '{dtype}'. Use one of {string.Join(", ", Endings.Keys)}.");
        }

        if (!byPath.ContainsKey(Config) && MoonshineNeeds.All(byPath.ContainsKey))
        {
            return new ChosenFiles(ModelKind.Moonshine, null, [.. MoonshineNeeds.Select(path => byPath[path]), .. Papers(files)]);
        }

        if (!byPath.ContainsKey(Config) && ModelLoader.ChooseTurnFile(byPath.Keys) is { } turn)
        {
            return new ChosenFiles(ModelKind.Turn, null, [byPath[turn], .. Papers(files)]);
        }

        var missing = new[] { Config, Tokenizer }.Where(path => !byPath.ContainsKey(path)).ToList();
        if (missing.Count > 0)
        {
            throw new ModelStoreException(
                $"{source} holds no speech model that can be used: it lacks {string.Join(" and ", missing)}. A Whisper export has config.json, tokenizer.json and onnx/.");
        }

        foreach (var form in dtype is not null ? [dtype] : SmallFirst)
        {
            if (Find(byPath, "encoder_model", form) is { } encoder && Find(byPath, "decoder_model_merged", form) is { } decoder)
            {
                return new ChosenFiles(
                    ModelKind.Whisper, form, [.. WhisperSmall.Where(byPath.ContainsKey).Select(path => byPath[path]), .. Papers(files), .. encoder, .. decoder]);
            }
        }

        var there = Endings.Keys.Where(form => Find(byPath, "encoder_model", form) is not null && Find(byPath, "decoder_model_merged", form) is not null).ToList();
        throw new ModelStoreException(
            there.Count > 0
                ? $"{source} has no {dtype} files. It has {string.Join(", ", there)}; choose with --dtype."
                : $"{source} lacks a pair of onnx/encoder_model*.onnx and onnx/decoder_model_merged*.onnx as {string.Join(", ", Endings.Keys)}.");
    }

    private static List<SourceFile>? Find(Dictionary<string, SourceFile> files, string graph, string form)
    {
        foreach (var folder in (ReadOnlySpan<string>)["onnx/", ""])
        {
            var path = $"{folder}{graph}{Endings[form]}.onnx";
            if (files.TryGetValue(path, out var file))
            {
                // Graphs above 2 GB keep their weights in files beside them, which the graph names.
                return [file, .. files.Values.Where(other => other.Path.StartsWith(path + "_data", StringComparison.Ordinal))];
            }
        }

        return null;
    }

    private static IEnumerable<SourceFile> Papers(IReadOnlyList<SourceFile> files) => files.Where(file =>
        !file.Path.Contains('/', StringComparison.Ordinal)
        && (file.Path.StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase) || file.Path.Equals("README.md", StringComparison.OrdinalIgnoreCase)));
}

/// <summary>The files that make a model.</summary>
/// <param name="Kind">What they make.</param>
/// <param name="Dtype">Storage form of the weights; null where there is no choice.</param>
/// <param name="Files">The files, small ones first.</param>
public sealed record ChosenFiles(ModelKind Kind, string? Dtype, IReadOnlyList<SourceFile> Files);
