using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>
/// Brings files from a source into a folder: what has come is kept in a <c>.part</c> file and gone on with after a cut or a restart, the hash is
/// checked, and only then does the file get its name.
/// </summary>
/// <param name="source">Where they come from.</param>
/// <param name="options">How patiently.</param>
/// <param name="progress">Told while they come; null for nobody.</param>
/// <param name="time">The clock.</param>
internal sealed class FileFetcher(IModelSource source, FetchOptions options, IFetchProgress? progress, TimeProvider time)
{
    private const int BufferSize = 1 << 17;
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;
    private readonly Patience _patience = new(options, time);

    /// <summary>Fetches a file, unless it is there already.</summary>
    /// <param name="file">The file.</param>
    /// <param name="folder">The model's folder.</param>
    /// <param name="cancellationToken">Stops; what has come stays for the next time.</param>
    /// <exception cref="ModelStoreException">It cannot be had, is not what it should be, or does not fit.</exception>
    public async Task<ManifestFile> FetchAsync(SourceFile file, string folder, CancellationToken cancellationToken)
    {
        var target = Locate(file.Path, folder);
        RequireHashes(file);
        progress?.Begin(file);
        if (File.Exists(target) && (file.Sha256 ?? file.GitSha1) is not null && await CheckAsync(file, target, cancellationToken) is { Problem: null } there)
        {
            progress?.Advance(file, there.Size);
            return new ManifestFile(file.Path, there.Size, there.Sha256);
        }

        _ = Directory.CreateDirectory(Path.GetDirectoryName(target)!);

        // The hash is part of the name, so that a part of one version is never gone on with as another.
        var tag = file.Sha256 ?? file.GitSha1 ?? (file.Size ?? 0).ToString(CultureInfo.InvariantCulture);
        var part = $"{target}.{tag[..Math.Min(12, tag.Length)]}.part";
        var hadBeginning = Length(part) > 0;
        await FillAsync(file, part, cancellationToken);
        var found = await CheckAsync(file, part, cancellationToken);
        if (found.Problem is not null && hadBeginning)
        {
            // What an earlier run left may be what is wrong.
            File.Delete(part);
            await FillAsync(file, part, cancellationToken);
            found = await CheckAsync(file, part, cancellationToken);
        }

        if (found.Problem is { } problem)
        {
            File.Delete(part);
            throw new ModelStoreException(problem);
        }

        File.Move(part, target, overwrite: true);
        return new ManifestFile(file.Path, found.Size, found.Sha256);
    }

    /// <summary>Full path of a model's file; a source's word is no reason to write outside the folder.</summary>
    internal static string Locate(string path, string folder)
    {
        var parts = path.Split('/');
        var isSafe = parts.All(part => part.Length > 0 && part is not ("." or "..") && !part.Contains('\\', StringComparison.Ordinal) && !part.Any(char.IsControl));
        return isSafe ? Path.Combine([folder, .. parts]) : throw new ModelStoreException($"The source names a file '{path}', which is no path inside a model's folder.");
    }

    /// <summary>A hash becomes part of a file's name below, so that nothing else may stand in its place.</summary>
    private void RequireHashes(SourceFile file)
    {
        if ((file.Sha256 is not null && !FileHash.IsSha256(file.Sha256)) || (file.GitSha1 is not null && !FileHash.IsSha1(file.GitSha1)))
        {
            throw new ModelStoreException($"{source.Name} states '{file.Sha256 ?? file.GitSha1}' as the hash of {file.Path}, which is none. It was not taken.");
        }
    }

    private async Task FillAsync(SourceFile file, string part, CancellationToken cancellationToken)
    {
        try
        {
            _ = await _patience.TryAsync((heard, token) => FillOnceAsync(file, part, heard, token), () => Length(part), reason => progress?.Retry(file, reason), cancellationToken);
        }
        catch (ModelStoreException exception) when (exception.IsTransient)
        {
            throw new ModelStoreException(
                $"{file.Path} from {source.Name} did not come: {exception.Message} ({Length(part)} of {file.Size?.ToString(CultureInfo.InvariantCulture) ?? "?"} bytes are here). "
                + "Run the same command again to go on from there.",
                exception);
        }
    }

    private async Task<bool> FillOnceAsync(SourceFile file, string part, Action heard, CancellationToken cancellationToken)
    {
        var before = Length(part);
        if (before > file.Size)
        {
            File.Delete(part);
            before = 0;
        }

        if (before == file.Size)
        {
            return true;
        }

        await ReadAsync(file, part, before, heard, cancellationToken);
        return file.Size is null || Length(part) >= file.Size ? true : throw new ModelStoreException("the connection ended early") { IsTransient = true };
    }

    private async Task ReadAsync(SourceFile file, string part, long offset, Action heard, CancellationToken cancellationToken)
    {
        using var stream = await source.OpenAsync(file, offset, cancellationToken);
        if (stream.Sha256 is { } sent && file.Sha256 is { } stated && !string.Equals(sent, stated, StringComparison.OrdinalIgnoreCase))
        {
            throw new ModelStoreException(
                $"{source.Name} has another {file.Path} than was stated: SHA-256 {sent} instead of {stated}. Nothing was taken; run the same command again, and if it stays, do not trust the source.");
        }

        await using var output = OpenPart(part, stream.Offset);
        var buffer = new byte[BufferSize];
        while (true)
        {
            heard();
            var count = await stream.Content.ReadAsync(buffer, cancellationToken);
            if (count == 0)
            {
                return;
            }

            if (output.Position + count > file.Size)
            {
                throw new ModelStoreException($"{source.Name} sends more than the {file.Size} bytes that were stated of {file.Path}. It was not taken.");
            }

            Write(output, buffer.AsSpan(0, count), part);
            progress?.Advance(file, output.Position);
        }
    }

    private static FileStream OpenPart(string part, long offset)
    {
        try
        {
            var output = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
            output.SetLength(offset);
            output.Position = offset;
            return output;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(part, exception);
        }
    }

    private static void Write(FileStream output, ReadOnlySpan<byte> bytes, string part)
    {
        try
        {
            output.Write(bytes);
        }
        catch (IOException exception)
        {
            throw CannotWrite(part, exception);
        }
    }

    private static ModelStoreException CannotWrite(string part, Exception exception) => new(
        exception.HResult is NoSpaceLeft or QuotaExceeded
            ? $"The disk is full: '{part}' cannot grow. Make room and run the same command again; it goes on from there."
            : $"'{part}' cannot be written: {exception.Message}",
        exception);

    private async Task<(long Size, string Sha256, string? Problem)> CheckAsync(SourceFile file, string path, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, useAsync: true);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // Git names small files by the SHA-1 of "blob", their length and their content; it is the only hash that a hub states of them.
#pragma warning disable CA5350
        using var git = file.Sha256 is null && file.GitSha1 is not null ? IncrementalHash.CreateHash(HashAlgorithmName.SHA1) : null;
#pragma warning restore CA5350
        git?.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {stream.Length}\0")));
        var buffer = new byte[BufferSize];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            sha256.AppendData(buffer.AsSpan(0, count));
            git?.AppendData(buffer.AsSpan(0, count));
        }

        var hash = Convert.ToHexStringLower(sha256.GetHashAndReset());
        var (kind, stated, actual) = git is null ? ("SHA-256", file.Sha256, hash) : ("Git hash", file.GitSha1, Convert.ToHexStringLower(git.GetHashAndReset()));
        var problem = stated is null || string.Equals(stated, actual, StringComparison.OrdinalIgnoreCase)
            ? null
            : $"{file.Path} from {source.Name} is not what was stated: {kind} {actual} instead of {stated}. Nothing of it was kept; run the same command again, and if it stays, do not trust the source.";
        return (stream.Length, hash, problem);
    }

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
