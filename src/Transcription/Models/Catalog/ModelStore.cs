namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>
/// The folder of installed models. A model is put together aside and appears whole, by a rename; one process at a time changes the folder
/// (the same lock as <c>models/install</c> takes).
/// </summary>
public sealed class ModelStore
{
    private const string Staging = ".downloads";

    private readonly string _root;

    /// <summary>Opens a folder of models.</summary>
    /// <param name="root">The folder; made when something is installed.</param>
    public ModelStore(string root)
    {
        _root = Path.GetFullPath(root);
    }

    /// <summary>The installed models.</summary>
    public IReadOnlyList<InstalledModel> List()
    {
        var models = new List<InstalledModel>();
        foreach (string name in ModelLoader.Installed(_root))
        {
            string folder = Path.Combine(_root, name);
            models.Add(new InstalledModel(name, folder, ModelManifest.TryRead(folder), SizeOf(folder)));
        }

        return models;
    }

    /// <summary>Installs a model from a folder, by copying what is needed of it.</summary>
    /// <param name="source">Folder of an export.</param>
    /// <param name="name">Name for it; null for the folder's.</param>
    /// <param name="variant">Ending of the weights' names, or null for the best.</param>
    /// <returns>The folder it is in now.</returns>
    /// <exception cref="ModelInstallException">It is no export, or there is a model of that name.</exception>
    public string Add(string source, string? name, string? variant)
    {
        source = Path.GetFullPath(source);
        name ??= Path.GetFileName(Path.TrimEndingDirectorySeparator(source));
        if (!Directory.Exists(source))
        {
            throw new ModelInstallException($"There is no folder '{source}'.");
        }

        using FileStream held = Begin(name);
        string[] paths = [.. Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(source, file).Replace('\\', '/'))];
        List<string> chosen;
        try
        {
            chosen = ExportFiles.Choose(paths, variant);
        }
        catch (ModelInstallException exception)
        {
            throw new ModelInstallException($"'{source}' cannot be added. {exception.Message}", exception);
        }

        string staging = StagingFor(name);
        foreach (string path in chosen)
        {
            string to = PathIn(staging, path);
            File.Copy(Path.Combine(source, path), to, overwrite: true);
            File.SetAttributes(to, FileAttributes.Normal);
        }

        return Publish(name, staging, source, chosen);
    }

    /// <summary>Checks an installed model's files against what was installed.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>What is wrong; empty when nothing is.</returns>
    /// <exception cref="ModelInstallException">There is no such model, or nothing is known of it.</exception>
    public IReadOnlyList<string> Verify(string name)
    {
        string folder = Require(name);
        ModelManifest manifest = ModelManifest.TryRead(folder)
            ?? throw new ModelInstallException($"'{name}' has no {ModelManifest.FileName} to check against. If models/install put it there, run that: it checks its own.");
        var problems = new List<string>();
        foreach (ModelFile file in manifest.Files)
        {
            string path = Path.Combine(folder, file.Path);
            if (!File.Exists(path))
            {
                problems.Add($"{file.Path} is missing.");
            }
            else if (new FileInfo(path).Length != file.Size || FileHashes.Sha256(path) != file.Sha256)
            {
                problems.Add($"{file.Path} has changed.");
            }
        }

        return problems;
    }

    /// <summary>Removes an installed model. A server that uses it keeps what it has loaded.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ModelInstallException">There is no such model.</exception>
    public void Remove(string name)
    {
        string folder = Require(name);
        using FileStream held = Lock();
        string aside = Path.Combine(_root, Staging, $"removed-{Guid.NewGuid():N}");
        Directory.Move(folder, aside);
        Directory.Delete(aside, recursive: true);
    }

    /// <summary>Takes the folder for an installation.</summary>
    /// <param name="name">The model's name.</param>
    /// <returns>Give it back by disposing of it.</returns>
    /// <exception cref="ModelInstallException">The name is none, or taken.</exception>
    internal FileStream Begin(string name)
    {
        if (!ModelPaths.IsName(name))
        {
            throw new ModelInstallException($"'{name}' is no name for a model: letters, digits, '.', '_' and '-' make one.");
        }

        FileStream held = Lock();
        if (Directory.Exists(Path.Combine(_root, name)))
        {
            held.Dispose();
            throw new ModelInstallException($"There is a model '{name}' already. Remove it first, or give another name.");
        }

        return held;
    }

    /// <summary>Where a model is put together; what an interrupted installation left is still there.</summary>
    /// <param name="name">The model's name.</param>
    internal string StagingFor(string name)
    {
        return Directory.CreateDirectory(Path.Combine(_root, Staging, name)).FullName;
    }

    /// <summary>A file's place in a folder that is being put together.</summary>
    /// <param name="staging">The folder.</param>
    /// <param name="path">Path below it, with slashes.</param>
    internal static string PathIn(string staging, string path)
    {
        string full = Path.Combine(staging, path);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return full;
    }

    /// <summary>Puts a finished model in its place.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="staging">Where it was put together.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="paths">Its files.</param>
    /// <returns>Its folder.</returns>
    internal string Publish(string name, string staging, string source, IReadOnlyList<string> paths)
    {
        foreach (string left in Directory.EnumerateFiles(staging, "*", SearchOption.AllDirectories))
        {
            if (!paths.Contains(Path.GetRelativePath(staging, left).Replace('\\', '/')))
            {
                File.Delete(left);
            }
        }

        var files = new List<ModelFile>();
        foreach (string path in paths)
        {
            string full = Path.Combine(staging, path);
            files.Add(new ModelFile(path, new FileInfo(full).Length, FileHashes.Sha256(full)));
        }

        new ModelManifest { Source = source, Files = files }.Write(staging);
        string folder = Path.Combine(_root, name);
        Directory.Move(staging, folder);
        return folder;
    }

    private static long SizeOf(string folder)
    {
        return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
    }

    private string Require(string name)
    {
        return ModelPaths.IsName(name) && ModelLoader.Installed(_root).Contains(name)
            ? Path.Combine(_root, name)
            : throw new ModelInstallException($"No model '{name}' is installed in '{_root}'. There is {string.Join(", ", ModelLoader.Installed(_root))}.");
    }

    private FileStream Lock()
    {
        _ = Directory.CreateDirectory(Path.Combine(_root, Staging));
        try
        {
            return new FileStream(Path.Combine(_root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new ModelInstallException($"Another process is changing the models in '{_root}'. Try again when it is done. ({exception.Message})", exception);
        }
    }
}

/// <summary>An installed model.</summary>
/// <param name="Name">Name that sessions use.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Manifest">What it consists of; null where <c>models/install</c> or a person put it there.</param>
/// <param name="Size">Bytes on the disk.</param>
public sealed record InstalledModel(string Name, string Folder, ModelManifest? Manifest, long Size);
