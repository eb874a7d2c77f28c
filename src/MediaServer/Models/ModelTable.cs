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
            .Select(entry => new[] { entry.Name, entry.Kind, entry.Licence, ModelInspection.Languages(entry.Languages), "", $"to pull: {entry.About}" }));
        var widths = Enumerable.Range(0, Head.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    /// <summary>Says that a model is installed.</summary>
    internal static void Say(TextWriter output, InstalledModel model) => output.WriteLine(
        $"{model.Name} is installed ({model.Kind}{(model.Dtype is { } dtype ? $", {dtype}" : "")}, {ByteCount.Show(model.Size)}, {model.Licence ?? "licence unknown"}) in {model.LinkTarget ?? model.Folder}.");

    private static string[] Row(InstalledModel model, string defaultModel)
    {
        var remarks = new List<string> { "installed" };
        if (model.Name == defaultModel)
        {
            remarks.Add("default");
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
