using System.Text.RegularExpressions;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.Architecture.Tests;

/// <summary>House rules that no compiler knows.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 600;
    private static readonly string[] Kinds = [".cs", ".ts", ".mjs", ".py", ".css", ".sh"];
    private static readonly string[] Foreign = ["bin", "obj", "node_modules", "dist", ".git", ".tools", "artifacts", "installed"];

    [Fact]
    public void No_source_file_is_longer_than_600_lines() =>
        Assert.Equal([], Sources().Where(file => File.ReadLines(file).Count() > MaxLines).Select(Shown));

    [Fact]
    public void Nothing_is_left_open_in_the_code() =>
        Assert.Equal([], Sources().Where(file => !file.EndsWith("SourceTests.cs", StringComparison.Ordinal) && LeftOpen().IsMatch(File.ReadAllText(file))).Select(Shown));

    [Fact]
    public void Check_sees_the_sources() => Assert.Contains("src/MediaServer/Program.cs", Sources().Select(Shown));

    private static IEnumerable<string> Sources() => Walk(Repository.Root);

    private static IEnumerable<string> Walk(string folder) => Directory.GetFiles(folder).Where(file => Kinds.Contains(Path.GetExtension(file)))
        .Concat(Directory.GetDirectories(folder).Where(child => !Foreign.Contains(Path.GetFileName(child)) && (File.GetAttributes(child) & FileAttributes.ReparsePoint) == 0).SelectMany(Walk));

    private static string Shown(string file) => Path.GetRelativePath(Repository.Root, file);

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex LeftOpen();
}
