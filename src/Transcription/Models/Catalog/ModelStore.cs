using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>The folder of installed models: what is in it, and how models get in and out while a server reads it.</summary>
/// <param name="root">The folder.</param>
public sealed partial class ModelStore(string root)
{
    /// <summary>The folder.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>What is installed, by name.</summary>
    public IReadOnlyList<InstalledModel> List()
    {
        if (!Directory.Exists(Root))
        {
            return [];
        }

        return [.. Directory.EnumerateDirectories(Root).Select(TryRead).OfType<InstalledModel>().OrderBy(model => model.Name, StringComparer.Ordinal)];
    }

    /// <summary>Finds an installed model.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ModelStoreException">It is not installed; the message names those that are.</exception>
    public InstalledModel Get(string name)
    {
        CheckName(name);
        return TryRead(Path.Combine(Root, name))
            ?? throw new ModelStoreException($"No model '{name}' is installed in '{Root}'. Installed: {string.Join(", ", List().Select(model => model.Name).DefaultIfEmpty("none"))}.");
    }

    /// <summary>Checks the files of an installed model against what was stated when it came, or against the catalog.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>A verdict for each file; empty where nothing is known of any, because nobody installed it from a source that said so.</returns>
    public static async Task<IReadOnlyList<FileVerdict>> VerifyAsync(InstalledModel model, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        var manifest = ModelManifest.TryRead(model.Folder);
        if (manifest is null && ModelManifest.Exists(model.Folder))
        {
            return [new FileVerdict(ModelManifest.FileName, "it is damaged or cannot be read, so that nothing tells what the files must hold")];
        }

        var stated = manifest?.Files.Select(file => (file.Path, file.Sha256))
            ?? ModelCatalog.Find(model.Name)?.Files.Select(file => (file.Path, file.Sha256))
            ?? [];
        var verdicts = new List<FileVerdict>();
        foreach (var (path, sha256) in stated)
        {
            verdicts.Add(new FileVerdict(path, await CheckAsync(path, model.Folder, sha256, cancellationToken)));
        }

        return verdicts;
    }

    /// <summary>Takes a model away. A linked folder itself is left alone.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ModelStoreException">It is not installed, or cannot be removed.</exception>
    public void Remove(string name)
    {
        CheckName(name);
        var folder = Path.Combine(Root, name);
        var isLink = new DirectoryInfo(folder).LinkTarget is not null;
        if (!isLink || Directory.Exists(folder))
        {
            _ = Get(name);
        }

        using var held = Lock();
        try
        {
            if (isLink)
            {
                FolderSwap.Discard(folder);
                return;
            }

            // Out of sight in one step; a server that still reads the files keeps them until it is done.
            var aside = Path.Combine(Root, $".{name}.removed-{Environment.ProcessId}");
            Directory.Move(folder, aside);
            Directory.Delete(aside, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelStoreException($"'{folder}' cannot be removed: {exception.Message}", exception);
        }
    }

    /// <summary>What changes when a model's files do, and does not when a server prepares them for itself.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <returns>Empty when it is not there.</returns>
    public static string Fingerprint(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return "";
        }

        var text = new StringBuilder();
        try
        {
            var files = new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 })
                .Where(file => file.Extension is ".onnx" or ".json" || file.Name.Contains(".onnx_data", StringComparison.Ordinal))
                .Where(file => !file.Name.Contains(".prepared-", StringComparison.Ordinal) && !file.Name.StartsWith("asrhub-", StringComparison.Ordinal))
                .OrderBy(file => file.FullName, StringComparer.Ordinal);
            foreach (var file in files)
            {
                _ = text.Append(Path.GetRelativePath(folder, file.FullName)).Append('|').Append(file.Length).Append('|').Append(file.LastWriteTimeUtc.Ticks).Append('\n');
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }

        return text.ToString();
    }

    internal static void CheckName(string name)
    {
        if (!Name().IsMatch(name))
        {
            throw new ModelStoreException($"'{name}' is no name of a model. Use letters, digits, '.', '_' and '-', the first a letter or digit.");
        }
    }

    /// <summary>Keeps other programs from changing the folder until it is disposed; <c>models/install</c> takes the same lock.</summary>
    internal FileStream Lock()
    {
        try
        {
            _ = Directory.CreateDirectory(Root);
            return new FileStream(Path.Combine(Root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelStoreException($"'{Root}' cannot be written to, or another program changes it at this moment: {exception.Message}", exception);
        }
    }

    /// <summary>Where a model is put together before it gets its place.</summary>
    internal string Staging(string name) => Path.Combine(Root, $".{name}.part");

    private static InstalledModel? TryRead(string folder)
    {
        var name = Path.GetFileName(folder);
        if (!Directory.Exists(folder) || name.StartsWith('.'))
        {
            return null;
        }

        var manifest = ModelManifest.TryRead(folder);
        var entry = ModelCatalog.Find(name);
        string? recognized = null;
        try
        {
            recognized = NameOf(ModelLoader.Recognize(folder));
        }
        catch (RecognizerException)
        {
            // A folder of which it is stated what it must hold is a model whatever it lacks, so that the lack is told.
        }

        var kind = manifest?.Kind ?? recognized ?? (entry is { Files.Count: > 0 } ? entry.Kind : null);
        if (kind is null)
        {
            return null;
        }

        return new InstalledModel
        {
            Name = name,
            Folder = folder,
            Kind = kind,
            Licence = manifest?.Licence ?? entry?.Licence,
            Languages = manifest is { Languages.Count: > 0 } ? manifest.Languages : entry?.Languages ?? [],
            Size = manifest?.Files.Sum(file => file.Size) ?? SizeOf(folder),
            Source = manifest?.Source ?? entry?.Installer,
            Dtype = manifest?.Dtype,
            IsDamaged = recognized is null,
            LinkTarget = new DirectoryInfo(folder).LinkTarget,
        };
    }

    internal static string NameOf(ModelKind kind) => kind switch
    {
        ModelKind.Moonshine => "moonshine",
        ModelKind.Whisper => "whisper",
        ModelKind.Turn => "turn",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static async Task<string?> CheckAsync(string path, string folder, string sha256, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(FileFetcher.Locate(path, folder));
            var actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
            return actual == sha256 ? null : $"SHA-256 is {actual} instead of {sha256}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ModelStoreException)
        {
            return exception is FileNotFoundException or DirectoryNotFoundException ? "it is missing" : exception.Message;
        }
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    private static partial Regex Name();
}
