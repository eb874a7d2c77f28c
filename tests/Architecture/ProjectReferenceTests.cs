using System.Reflection;
using System.Xml.Linq;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.Architecture.Tests;

/// <summary>The arrows between the rooms (<c>docs/architecture.md</c>).</summary>
public sealed class ProjectReferenceTests
{
    private const string Prefix = "AsrHub.Rtc.";

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Crypto"] = [],
        ["WebRtc"] = ["Crypto"],
        ["Transcription"] = ["Crypto"],
        ["Signaling"] = ["Transcription"],
        ["MediaServer"] = ["Signaling", "WebRtc"],
    };

    // What a project may use through one that it references: no project needs to name it twice.
    private static readonly Dictionary<string, string[]> AllowedInAssembly = new()
    {
        ["Crypto"] = [],
        ["WebRtc"] = ["Crypto"],
        ["Transcription"] = ["Crypto"],
        ["Signaling"] = ["Transcription", "Crypto"],
        ["MediaServer"] = ["Signaling", "WebRtc", "Transcription", "Crypto"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Fact]
    public void Every_source_project_has_its_rule() =>
        Assert.Equal(Allowed.Keys.Order(), Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories).Select(NameOf).Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_names_only_those_it_may_know(string project)
    {
        var file = XDocument.Load(Path.Combine(Repository.Root, "src", project, $"{Prefix}{project}.csproj"));
        var named = file.Descendants("ProjectReference").Select(reference => NameOf(reference.Attribute("Include")!.Value));
        Assert.Equal([], named.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Assembly_uses_only_those_it_may_know(string project)
    {
        var used = Assembly.Load(Prefix + project).GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal));
        Assert.Equal([], used.Select(name => name[Prefix.Length..]).Except(AllowedInAssembly[project]));
    }

    [Theory]
    [InlineData("Crypto")]
    [InlineData("WebRtc")]
    [InlineData("Transcription")]
    public void Core_knows_nothing_of_the_web_framework(string project) => Assert.DoesNotContain(
        Assembly.Load(Prefix + project).GetReferencedAssemblies(), name => name.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

    private static string NameOf(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))[Prefix.Length..];
}
