using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.Models;

/// <summary>Writes models as a table of plain text.</summary>
internal static class ModelTable
{
    private static readonly string[] Head = ["name", "kind", "licence", "languages", "size", ""];

    /// <summary>Writes the table.</summary>
    /// <param name="output">Where.</param>
    /// <param name="installed">What is installed.</param>
    /// <param name="defaultModel">Name of the default model.</param>
    internal static void Write(TextWriter output, IReadOnlyList<InstalledModel> installed, string defaultModel)
    {
        List<string[]> rows = [Head, .. installed.Select(model => Row(model, defaultModel))];
        rows.AddRange(ModelCatalog.Entries
            .Where(entry => installed.All(model => model.Name != entry.Name))
            .Select(entry => new[]
            {
                entry.Name, entry.Kind, entry.Licence, ModelInspection.Languages(entry.Languages), Size(entry), $"{(entry.Installer is { } script ? $"by {script}" : "to pull")}: {entry.About}",
            }));
        var widths = Enumerable.Range(0, Head.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    /// <summary>Writes the files of each model, with size, SHA-256, and where they come from.</summary>
    /// <param name="output">Where.</param>
    /// <param name="installed">What is installed.</param>
    /// <param name="hub">Address of the hub.</param>
    internal static void WriteFiles(TextWriter output, IReadOnlyList<InstalledModel> installed, string hub)
    {
        foreach (var model in installed)
        {
            if (ModelManifest.TryRead(model.Folder) is { } manifest)
            {
                output.WriteLine($"\n{model.Name}: from {manifest.Source}");
                Write(output, manifest.Files.Select(static file => (file.Path, file.Size, file.Sha256, "")));
            }
            else
            {
                Write(output, model.Name, ModelCatalog.Find(model.Name), $"in {model.LinkTarget ?? model.Folder}; nobody said what its files must hold");
            }
        }

        foreach (var entry in ModelCatalog.Entries.Where(entry => installed.All(model => model.Name != entry.Name)))
        {
            Write(output, entry.Name, entry, $"files at {hub.TrimEnd('/')}/{entry.Hub}/resolve/main/; the hub states size and hash of each when it is pulled, and they are checked then");
        }
    }

    /// <summary>Says that a model is installed.</summary>
    internal static void Say(TextWriter output, InstalledModel model) => output.WriteLine(
        $"{model.Name} is installed ({model.Kind}{(model.Dtype is { } dtype ? $", {dtype}" : "")}, {ByteCount.Show(model.Size)}, {model.Licence ?? "licence unknown"}) in {model.LinkTarget ?? model.Folder}.");

    private static void Write(TextWriter output, string name, CatalogEntry? entry, string otherwise)
    {
        output.WriteLine($"\n{name}: {(entry is { Files.Count: > 0 } ? "as the catalog states" : otherwise)}");
        Write(output, entry?.Files.Select(static file => (file.Path, file.Size, file.Sha256, file.Url.AbsoluteUri)) ?? []);
    }

    private static void Write(TextWriter output, IEnumerable<(string Path, long Size, string Sha256, string Url)> files)
    {
        foreach (var file in files)
        {
            output.WriteLine($"  {file.Path}  {file.Size} B  SHA-256 {file.Sha256}  {file.Url}".TrimEnd());
        }
    }

    private static string Size(CatalogEntry entry) =>
        entry.Parameters is { } parameters ? $"~{ByteCount.Show(parameters)}" : ByteCount.Show(entry.Files.Sum(static file => file.Size));

    private static string[] Row(InstalledModel model, string defaultModel)
    {
        var remarks = new List<string> { "installed" };
        if (model.Name == defaultModel)
        {
            remarks.Add("default");
        }

        if (model.IsDamaged)
        {
            remarks.Add("damaged (see models verify)");
        }

        if (model.Dtype is { } dtype)
        {
            remarks.Add(dtype);
        }

        if (model.LinkTarget is { } target)
        {
            remarks.Add($"link to {target}");
        }

        return [model.Name, model.Kind, model.Licence ?? "?", ModelInspection.Languages(model.Languages), ByteCount.Show(model.Size), string.Join(", ", remarks)];
    }
}
