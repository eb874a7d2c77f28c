using System.Collections;
using System.Globalization;
using System.Reflection;

namespace AsrHub.Rtc.MediaServer.Options;

/// <summary>
/// Reads <see cref="AsrHubOptions"/> strictly: a name nobody knows and a value of the wrong kind are told by name and source. (The framework's binder stops at
/// the first problem and cannot say where a value came from.)
/// </summary>
public static class OptionsReader
{
    /// <summary>Name of the section in <c>appsettings.json</c>.</summary>
    public const string SectionName = "AsrHub";

    /// <summary>Prefix of environment variables.</summary>
    public const string EnvironmentPrefix = "ASRHUB_";

    // What ./test tells the test programs goes on to the servers that they start.
    private const string TestPrefix = "ASRHUB_TEST_";
    private const string TestData = "ASRHUB_SHARED";

    // models/install, which runs before the server is built, knows the folder by this short name (ASRHUB_MODELS).
    private const string ModelsAlias = "MODELS";

    /// <summary>Reads and validates the settings; what comes later wins: defaults, file, environment, command line.</summary>
    /// <param name="file"><c>appsettings.json</c> or another; null for none.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="commandLine">Settings of the command line, by their path (<c>Http:Port</c>).</param>
    /// <exception cref="OptionsException">Something is wrong.</exception>
    public static AsrHubOptions Read(string? file, IDictionary environment, IReadOnlyDictionary<string, string?> commandLine)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(commandLine);
        var sources = new List<(string Name, IConfiguration Settings)>();
        if (file is not null)
        {
            sources.Add((file, ReadFile(file)));
        }

        sources.Add(("the environment", FromPairs(FromEnvironment(environment))));
        sources.Add(("the command line", FromPairs(commandLine)));

        var problems = new List<string>();
        var options = new AsrHubOptions();
        foreach (var (name, settings) in sources)
        {
            options = (AsrHubOptions)ReadObject(options, settings, name, "", problems);
        }

        if (problems.Count == 0)
        {
            OptionsValidator.Validate(options, problems);
        }

        return problems.Count == 0 ? options : throw new OptionsException(problems);
    }

    private static IConfigurationSection ReadFile(string file)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false).Build().GetSection(SectionName);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException or FormatException)
        {
            var reason = exception.InnerException?.Message ?? exception.Message;
            throw new OptionsException($"The settings file {file} cannot be read: {reason} Mend it, or name another with --config.", exception);
        }
    }

    private static IConfigurationRoot FromPairs(IEnumerable<KeyValuePair<string, string?>> pairs) => new ConfigurationBuilder().AddInMemoryCollection(pairs).Build();

    private static IEnumerable<KeyValuePair<string, string?>> FromEnvironment(IDictionary environment)
    {
        foreach (DictionaryEntry entry in environment)
        {
            var name = (string)entry.Key;
            if (name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase) && !name.StartsWith(TestPrefix, StringComparison.OrdinalIgnoreCase) && name != TestData)
            {
                var path = name[EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal);
                yield return new(string.Equals(path, ModelsAlias, StringComparison.OrdinalIgnoreCase) ? "Model:Directory" : path, (string?)entry.Value);
            }
        }
    }

    // Records are copied with what the source says: a property's init accessor is a setter to reflection.
    private static object ReadObject(object current, IConfiguration settings, string source, string path, List<string> problems)
    {
        var type = current.GetType();
        var copy = type.GetMethod("<Clone>$")!.Invoke(current, null)!;
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        foreach (var child in settings.GetChildren())
        {
            var childPath = path.Length == 0 ? child.Key : $"{path}:{child.Key}";
            var property = Array.Find(properties, candidate => string.Equals(candidate.Name, child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                problems.Add($"There is no setting {childPath} (from {source}). {Suggest(child.Key, path, properties)}");
                continue;
            }

            childPath = path.Length == 0 ? property.Name : $"{path}:{property.Name}";
            if (TryReadValue(property, property.GetValue(copy)!, child, source, childPath, problems) is { } value)
            {
                property.SetValue(copy, value);
            }
        }

        return copy;
    }

    private static object? TryReadValue(PropertyInfo property, object current, IConfigurationSection section, string source, string path, List<string> problems)
    {
        var type = property.PropertyType;
        if (type == typeof(IReadOnlyList<string>))
        {
            return section.Value is { } joined
                ? joined.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                : section.GetChildren().Select(item => item.Value ?? "").ToArray();
        }

        if (type != typeof(string) && !type.IsPrimitive)
        {
            if (string.IsNullOrEmpty(section.Value))
            {
                return ReadObject(current, section, source, path, problems);
            }

            problems.Add($"{path} = \"{section.Value}\" (from {source}) is a group of settings, not a value. Set one of {Names(type.GetProperties(), path)}.");
            return null;
        }

        var text = section.Value;
        if (text is null)
        {
            problems.Add($"{path} (from {source}) takes one value, not a group.");
            return null;
        }

        if (type == typeof(string))
        {
            return text;
        }

        if (type == typeof(bool))
        {
            if (bool.TryParse(text, out var truth))
            {
                return truth;
            }

            problems.Add($"{path} = \"{text}\" (from {source}) must be true or false.");
            return null;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        problems.Add($"{path} = \"{text}\" (from {source}) must be a whole number.");
        return null;
    }

    private static string Suggest(string wrong, string path, PropertyInfo[] properties)
    {
        foreach (var property in properties)
        {
            if (property.Name.StartsWith(wrong, StringComparison.OrdinalIgnoreCase)
                || wrong.StartsWith(property.Name, StringComparison.OrdinalIgnoreCase)
                || string.Equals(wrong.Replace("_", "", StringComparison.Ordinal), property.Name, StringComparison.OrdinalIgnoreCase))
            {
                return $"Is {(path.Length == 0 ? "" : path + ":")}{property.Name} meant?";
            }
        }

        return $"There are {Names(properties, path)}.";
    }

    private static string Names(PropertyInfo[] properties, string path) =>
        string.Join(", ", properties.Where(property => property.CanWrite).Select(property => path.Length == 0 ? property.Name : $"{path}:{property.Name}"));
}
