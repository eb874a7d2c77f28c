using System.Text.Json;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Models;

/// <summary>Opens a model's folder, whatever kind of model it holds.</summary>
public static class ModelLoader
{
    private static readonly string[] MoonshineFiles = ["encoder_model.onnx", "decoder_model_merged.onnx", "tokens.json"];

    /// <summary>Which kind of model a folder holds, by its files.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="RecognizerException">None that is known; the message says what is missing.</exception>
    public static ModelKind Recognize(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new RecognizerException($"There is no model folder '{folder}'.");
        }

        string config = Path.Combine(folder, "config.json");
        if (File.Exists(config))
        {
            string type = ReadType(config);
            return type == "whisper"
                ? ModelKind.Whisper
                : throw new RecognizerException($"'{config}' describes a model of type '{type}'. Exports of type 'whisper' and Moonshine folders can be loaded.");
        }

        if (FindTurnFile(folder) is not null)
        {
            return ModelKind.Turn;
        }

        string[] missing = [.. MoonshineFiles.Where(file => !File.Exists(Path.Combine(folder, file)))];
        return missing.Length == 0
            ? ModelKind.Moonshine
            : throw new RecognizerException(
                $"'{folder}' is no model: a Whisper export has config.json, tokenizer.json and onnx/; a Moonshine folder lacks {string.Join(" and ", missing)}.");
    }

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">A path, or the name of an installed model.</param>
    /// <param name="useDrafts">Whether passes check what the pass before them heard; else each decodes from nothing.</param>
    /// <exception cref="RecognizerException">It is missing, damaged, or of no known kind.</exception>
    public static IRecognizerModel Load(string folder, bool useDrafts = true)
    {
        string path = Resolve(folder);
        return Recognize(path) switch
        {
            ModelKind.Whisper => WhisperModel.Load(path, new WhisperSettings { UseDrafts = useDrafts }),
            ModelKind.Turn => throw new RecognizerException($"'{path}' holds a model that hears whether a turn is complete, and none that writes speech down. Name it in TurnDetection:Model."),
            _ => MoonshineModel.Load(path, new MoonshineSettings { UseDrafts = useDrafts }),
        };
    }

    /// <summary>Finds the graph of a model that hears whether a turn is complete.</summary>
    /// <param name="path">The graph, its folder, or the name of an installed model.</param>
    /// <exception cref="RecognizerException">There is none.</exception>
    public static string FindTurnModel(string path)
    {
        string found = File.Exists(path) ? path : Resolve(path);
        if (File.Exists(found))
        {
            return found;
        }

        return Directory.Exists(found) && FindTurnFile(found) is { } graph
            ? graph
            : throw new RecognizerException($"There is no '{found}' with a file smart-turn*.onnx. \"models pull smart-turn-v3\" installs one, \"models add PATH\" one that is there already.");
    }

    /// <summary>The file that holds a model which hears whether a turn is complete; null for none. Of several the newest, but none made for graphics cards if there is another.</summary>
    /// <param name="files">Names of files.</param>
    internal static string? ChooseTurnFile(IEnumerable<string> files)
    {
        return files.Where(static file => file.StartsWith("smart-turn", StringComparison.Ordinal) && file.EndsWith(".onnx", StringComparison.Ordinal))
            .OrderBy(static file => !file.Contains("gpu", StringComparison.Ordinal))
            .ThenBy(static file => file, StringComparer.Ordinal)
            .LastOrDefault();
    }

    /// <summary>The installed models, by folder name.</summary>
    public static IReadOnlyList<string> Installed()
    {
        return ModelLocator.TryRoot() is { } root ? Installed(root) : [];
    }

    /// <summary>The models in a folder of models.</summary>
    /// <param name="root">The folder; it need not be there.</param>
    public static IReadOnlyList<string> Installed(string root)
    {
        var names = new List<string>();
        if (!Directory.Exists(root))
        {
            return names;
        }

        foreach (string folder in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal))
        {
            bool isModel = File.Exists(Path.Combine(folder, "config.json")) || MoonshineFiles.All(file => File.Exists(Path.Combine(folder, file)));
            if (isModel && !Path.GetFileName(folder).StartsWith('.'))
            {
                names.Add(Path.GetFileName(folder));
            }
        }

        return names;
    }

    private static string? FindTurnFile(string folder)
    {
        return ChooseTurnFile(Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file))) is { } name ? Path.Combine(folder, name) : null;
    }

    private static string Resolve(string folder)
    {
        bool isName = Path.GetFileName(folder) == folder && folder.Length > 0 && folder is not ("." or "..");
        return isName && ModelLocator.TryRoot() is { } root ? Path.Combine(root, folder) : folder;
    }

    private static string ReadType(string config)
    {
        try
        {
            using FileStream file = File.OpenRead(config);
            using var document = JsonDocument.Parse(file);
            return document.RootElement.TryGetProperty("model_type", out JsonElement type) ? type.GetString() ?? "" : "";
        }
        catch (Exception exception) when (exception is IOException or JsonException or InvalidOperationException)
        {
            throw new RecognizerException($"'{config}' cannot be read: {exception.Message}", exception);
        }
    }
}

/// <summary>Kinds of models.</summary>
public enum ModelKind
{
    /// <summary>Moonshine tiny, as <c>models/install</c> puts it there.</summary>
    Moonshine,

    /// <summary>A Whisper export in Hugging Face's layout.</summary>
    Whisper,

    /// <summary>Smart Turn: hears whether a turn is complete.</summary>
    Turn,
}
