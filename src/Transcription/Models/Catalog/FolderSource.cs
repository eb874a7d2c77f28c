namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>
/// A model in a folder of this machine: one that a user names, or one of a local mirror. A file <c>SHA256SUMS</c> in it is believed as a hub's
/// statement would be.
/// </summary>
/// <param name="folder">The model's folder.</param>
public sealed class FolderSource(string folder) : IModelSource
{
    private const string Sums = "SHA256SUMS";
    private const int HashLength = 64;
    private readonly string _folder = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public bool StatesHashes => false;

    /// <inheritdoc/>
    public string Name => _folder;

    /// <summary>A model of a mirror: <c>MIRROR/owner/name</c>, or <c>MIRROR/name</c>.</summary>
    /// <param name="mirror">The mirror's folder.</param>
    /// <param name="id">Id of the model.</param>
    /// <exception cref="ModelStoreException">It is not there.</exception>
    public static FolderSource OfMirror(string mirror, string id)
    {
        string[] candidates = [Path.Combine(mirror, id), Path.Combine(mirror, id.Split('/')[^1])];
        return Array.Find(candidates, Directory.Exists) is { } found
            ? new FolderSource(found)
            : throw new ModelStoreException($"The mirror has no {id}: there is no folder '{string.Join("' and no '", candidates.Distinct())}'.");
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SourceFile>> ListAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_folder))
        {
            throw new ModelStoreException(File.Exists(_folder) ? $"'{_folder}' is a file. Name the model's folder." : $"There is no folder '{_folder}'.");
        }

        try
        {
            var sums = ReadSums();
            var files = new List<SourceFile>();
            foreach (var path in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var relative = Path.GetRelativePath(_folder, path).Replace('\\', '/');
                if (!relative.Split('/').Any(part => part.StartsWith('.')))
                {
                    files.Add(new SourceFile(relative, new FileInfo(path).Length, sums.GetValueOrDefault(relative)));
                }
            }

            return Task.FromResult<IReadOnlyList<SourceFile>>(files);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelStoreException($"'{_folder}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public Task<OpenedFile> OpenAsync(SourceFile file, long offset, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        var path = Path.Combine(_folder, file.Path);
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            var length = stream.Length;
            if (file.Size is { } size && length != size)
            {
                stream.Dispose();
                throw new ModelStoreException($"'{path}' has {length} bytes instead of {size}, so it is not the file that was stated. It was not taken.");
            }

            stream.Position = Math.Min(offset, length);
            return Task.FromResult(new OpenedFile(stream, stream.Position));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelStoreException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private Dictionary<string, string> ReadSums()
    {
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        var path = Path.Combine(_folder, Sums);
        if (File.Exists(path))
        {
            foreach (var line in File.ReadLines(path))
            {
                if (string.IsNullOrWhiteSpace(line))
                {
                    continue;
                }

                // As sha256sum writes it: the hash, two spaces (or a space and an asterisk), the name.
                var hash = line[..Math.Min(HashLength, line.Length)];
                var name = line.Length > HashLength + 2 ? line[(HashLength + 2)..].Trim() : "";
                if (!FileHash.IsSha256(hash) || name.Length == 0)
                {
                    throw new ModelStoreException($"'{path}' has a line that is no hash and name: '{line}'. Write it with sha256sum, or take the file away.");
                }

                sums[name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name] = hash.ToLowerInvariant();
            }
        }

        return sums;
    }
}
