namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>Finds out a model's licence from the papers that came with it.</summary>
internal static class LicenceText
{
    private static readonly (string Words, string Name)[] Known =
    [
        ("MIT License", "MIT"),
        ("Apache License", "Apache-2.0"),
        ("BSD 2-Clause", "BSD-2-Clause"),
        ("BSD 3-Clause", "BSD-3-Clause"),
    ];

    /// <summary>The licence, or null where the papers do not say.</summary>
    /// <param name="folder">The model's folder.</param>
    public static string? Find(string folder)
    {
        // A hub's model card begins with YAML between lines of three hyphens.
        foreach (var line in Lines(folder, "README.md"))
        {
            if (line.StartsWith("license:", StringComparison.Ordinal))
            {
                return line["license:".Length..].Trim();
            }
        }

        var text = string.Join('\n', Lines(folder, "LICENSE"));
        return Array.Find(Known, known => text.Contains(known.Words, StringComparison.OrdinalIgnoreCase)).Name;
    }

    private static IEnumerable<string> Lines(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? File.ReadLines(path).Take(40) : [];
    }
}
