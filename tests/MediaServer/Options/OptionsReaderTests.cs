using System.Collections;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;

namespace AsrHub.Rtc.MediaServer.Tests.Options;

public sealed class OptionsReaderTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Later_sources_win()
    {
        var options = Read("""{"AsrHub":{"Http":{"Port":1,"Address":"::1"},"Media":{"Port":2}}}""", new() { ["ASRHUB_HTTP__PORT"] = "3", ["ASRHUB_MEDIA__PORT"] = "4" }, new() { ["Http:Port"] = "5" });
        Assert.Equal((5, "::1", 4), (options.Http.Port, options.Http.Address, options.Media.Port));
    }

    [Fact]
    public void Lists_come_as_lists_or_with_commas()
    {
        Assert.Equal(["http://a.example", "http://b.example"], Read("""{"AsrHub":{"Access":{"AllowedOrigins":["http://a.example","http://b.example"]}}}""").Access.AllowedOrigins);
        Assert.Equal(["192.0.2.1", "192.0.2.2"], Read(null, new() { ["ASRHUB_MEDIA__ADDRESSES"] = "192.0.2.1, 192.0.2.2" }).Media.Addresses);
    }

    [Fact]
    public void Other_sections_of_the_file_and_other_variables_are_not_ours() =>
        Assert.Equal(8080, Read("""{"Logging":{"LogLevel":"x"}}""", new() { ["PATH"] = "/bin", ["ASRHUB_TEST_SERVER"] = "x" }).Http.Port);

    [Fact]
    public void Models_folder_has_the_short_name_that_its_installer_knows() =>
        Assert.Equal("/models", Read(null, new() { ["ASRHUB_MODELS"] = "/models" }).Model.Directory);

    [Theory]
    [InlineData("Http:Prot", "1", "There is no setting Http:Prot (from the command line)")]
    [InlineData("Https:Cert", "x", "Is Https:Certificate meant?")]
    [InlineData("Https", "x", "Https = \"x\" (from the command line) is a group of settings")]
    [InlineData("Http:Port", "http", "Http:Port = \"http\" (from the command line) must be a whole number")]
    [InlineData("Http:Port", "65536", "Http:Port = 65536 is out of range")]
    [InlineData("Lan", "yes", "Lan = \"yes\" (from the command line) must be true or false")]
    [InlineData("Http:Address", "localhost", "Http:Address = \"localhost\" is not an IP address")]
    [InlineData("LogLevel", "Loud", "LogLevel = \"Loud\"")]
    [InlineData("Access:Keys", "short", "Access:Keys holds a key of 5 characters")]
    [InlineData("Access:AllowedOrigins", "https://a.example/page", "Access:AllowedOrigins holds \"https://a.example/page\"")]
    [InlineData("Access:AllowedOrigins", "a.example", "Access:AllowedOrigins holds \"a.example\"")]
    [InlineData("Turn:Urls", "turn:a.example", "Turn:Urls is set without Turn:Secret")]
    [InlineData("Turn:Urls", "http://a.example", "Turn:Urls holds \"http://a.example\"")]
    [InlineData("Https:CertificateKey", "x", "without Https:Certificate")]
    [InlineData("Sessions:Max", "0", "Sessions:Max = 0 is out of range")]
    [InlineData("Media:PublicAddresses", "example.com", "Media:PublicAddresses = \"example.com\" is not an IP address")]
    public void Wrong_setting_stops_the_start_and_is_named(string name, string value, string message)
    {
        var exception = Assert.Throws<OptionsException>(() => Read(null, [], new() { [name] = value }));
        Assert.Contains(exception.Problems, problem => problem.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Sizes_of_the_pool_that_contradict_each_other_are_told()
    {
        var exception = Assert.Throws<OptionsException>(() => Read(null, [], new() { ["Pool:MinSize"] = "3", ["Pool:MaxSize"] = "2" }));
        Assert.Equal("Pool:MaxSize = 2 is less than Pool:MinSize = 3. Raise the one or lower the other.", Assert.Single(exception.Problems));
    }

    [Fact]
    public void Every_problem_is_told_at_once() =>
        Assert.Equal(2, Assert.Throws<OptionsException>(() => Read(null, [], new() { ["Nonsense"] = "1", ["Http:Port"] = "x" })).Problems.Count);

    [Fact]
    public void Turns_are_judged_by_nobody_unless_a_model_is_named()
    {
        Assert.Null(TurnModel.Load(Read(null), recognizers: 2));
        var problem = Assert.Throws<OptionsException>(() => Read(null, [], new() { ["TurnDetection:Semantic"] = "true" }));
        Assert.Contains("TurnDetection:Semantic is true without TurnDetection:Model", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_key_is_not_repeated_in_the_message() =>
        Assert.DoesNotContain("sesame", Assert.Throws<OptionsException>(() => Read(null, [], new() { ["Access:Keys"] = "sesame" })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    public void Broken_file_is_named(string json) => Assert.Contains(_file, Assert.Throws<OptionsException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Missing_file_is_named() =>
        Assert.Contains("/no/such/file", Assert.Throws<OptionsException>(() => OptionsReader.Read("/no/such/file", new Hashtable(), new Dictionary<string, string?>())).Message, StringComparison.Ordinal);

    private AsrHubOptions Read(string? json, Dictionary<string, string>? environment = null, Dictionary<string, string?>? commandLine = null)
    {
        if (json is not null)
        {
            File.WriteAllText(_file, json);
        }

        return OptionsReader.Read(json is null ? null : _file, environment ?? [], commandLine ?? []);
    }
}
