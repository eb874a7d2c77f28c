using System.Reflection;
using System.Text.RegularExpressions;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.Architecture.Tests;

/// <summary>The operators' pages tell of everything there is, and of nothing else.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_error_code_has_its_line() => Assert.Equal(Codes().Order(), FirstColumn("errors.md").Order());

    [Fact]
    public void Every_setting_has_its_line() => Assert.Equal(Settings(typeof(AsrHubOptions), "").Order(), FirstColumn("configuration.md").Order());

    [Fact]
    public void Defaults_in_the_page_are_those_of_the_code()
    {
        var defaults = new AsrHubOptions();
        foreach (Match row in Row().Matches(Page("configuration.md")))
        {
            object? value = row.Groups[1].Value.Split(':').Aggregate<string, object?>(defaults, (owner, name) => owner!.GetType().GetProperty(name)!.GetValue(owner));
            var shown = Code().Match(row.Groups[2].Value).Groups[1].Value;
            if (value is int or bool || (value is string { Length: > 0 } && shown.Length > 0))
            {
                Assert.Equal($"{row.Groups[1].Value} {value}", $"{row.Groups[1].Value} {shown}", ignoreCase: true);
            }
        }
    }

    private static IEnumerable<string> Codes() => new[] { typeof(DoorErrorCodes), typeof(ErrorCodes), typeof(SdpErrorCodes) }
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Select(field => (string)field.GetRawConstantValue()!)
        .Distinct();

    private static IEnumerable<string> Settings(Type type, string path) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .SelectMany(property => property.PropertyType.Namespace == type.Namespace
            ? Settings(property.PropertyType, $"{path}{property.Name}:")
            : [path + property.Name]);

    private static IEnumerable<string> FirstColumn(string page) => Row().Matches(Page(page)).Select(row => row.Groups[1].Value);

    private static string Page(string name) => File.ReadAllText(Path.Combine(Repository.Root, "docs", name));

    [GeneratedRegex(@"^\| `([^`]+)` \| ([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]*)`")]
    private static partial Regex Code();
}
