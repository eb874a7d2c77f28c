using System.CommandLine;
using AsrHub.Rtc.MediaServer.Options;

namespace AsrHub.Rtc.MediaServer.CommandLine;

/// <summary>Command-line options that stand for settings; <c>--set</c> reaches those without one of their own.</summary>
internal sealed class SettingOptions
{
    private readonly Option<string?> _config = new("--config")
    {
        Description = "Settings file [default: appsettings.json in this folder, if it is there]",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Any setting by its path, e.g. --set Sessions:Max=20",
        HelpName = "NAME=VALUE",
        Recursive = true,
    };

    private readonly Option<bool> _lan = new("--lan") { Description = "Serve the local network over HTTPS with a self-made certificate" };
    private readonly Option<bool> _anonymous = new("--allow-anonymous") { Description = "Let callers without an access key in, from anywhere" };
    private readonly List<(Option<string[]> Option, string Path, bool IsFile, bool IsList)> _values = [];

    internal SettingOptions(Command root)
    {
        root.Options.Add(_config);
        root.Options.Add(_set);
        root.Options.Add(_lan);
        root.Options.Add(_anonymous);
        Add(root, "--address", "Http:Address", "ADDRESS", "Address of the HTTP listener [127.0.0.1]");
        Add(root, "--port", "Http:Port", "PORT", "TCP port of the HTTP listener [8080]");
        Add(root, "--https-port", "Https:Port", "PORT", "TCP port of the HTTPS listener [8443]");
        Add(root, "--certificate", "Https:Certificate", "FILE", "Certificate for HTTPS: PEM, or PKCS#12 (.pfx)", isFile: true);
        Add(root, "--certificate-key", "Https:CertificateKey", "FILE", "PEM file of its private key", isFile: true);
        Add(root, "--media-port", "Media:Port", "PORT", "UDP port for audio [8080]");
        Add(root, "--media-address", "Media:Addresses", "ADDRESS,...", "Local addresses for audio [those the machine has]");
        Add(root, "--public-address", "Media:PublicAddresses", "ADDRESS,...", "Addresses that clients reach this machine by, where it is behind 1:1 NAT");
        Add(root, "--allow-origin", "Access:AllowedOrigins", "ORIGIN,...", "Origins of pages besides the server's own, e.g. https://app.example.com");
        Add(root, "--turn-url", "Turn:Urls", "URL,...", "TURN server for clients; its secret comes by ASRHUB_TURN__SECRET");
        Add(root, "--model", "Model:Name", "NAME", "Speech model [moonshine-tiny]", isRecursive: true);
        Add(root, "--recognizers", "Model:Recognizers", "N", "Passes that run at once [one a processor core]", isRecursive: true);
        Add(root, "--log-level", "LogLevel", "LEVEL", "Trace, Debug, Information, Warning, Error or None [Information]", isRecursive: true);
    }

    internal AsrHubOptions Read(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (option, path, isFile, isList) in _values)
        {
            if (parsed.GetValue(option) is { Length: > 0 } values)
            {
                // Given twice, the last one counts, so that a wrapper's options can be overruled; lists add up. A path that a person types is meant from where
                // they stand, not from the server's home.
                settings[path] = isList ? string.Join(',', values) : isFile && values[^1].Length > 0 ? Path.GetFullPath(values[^1]) : values[^1];
            }
        }

        if (parsed.GetValue(_lan))
        {
            settings["Lan"] = "true";
        }

        if (parsed.GetValue(_anonymous))
        {
            settings["Access:AllowAnonymous"] = "true";
        }

        foreach (var pair in parsed.GetValue(_set) ?? [])
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new OptionsException($"--set {pair} has no value. Write it as --set Name=value.");
            }

            settings[pair[..equals].Replace("__", ":", StringComparison.Ordinal)] = pair[(equals + 1)..];
        }

        return OptionsReader.Read(SettingsFile(parsed), Environment.GetEnvironmentVariables(), settings);
    }

    private string? SettingsFile(ParseResult parsed)
    {
        const string Default = "appsettings.json";
        if (parsed.GetValue(_config) is "")
        {
            throw new OptionsException("--config \"\" names no file. Name one, or leave it out.");
        }

        return parsed.GetValue(_config) ?? (File.Exists(Default) ? Default : null);
    }

    private void Add(Command root, string name, string path, string helpName, string description, bool isFile = false, bool isRecursive = false)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = helpName, Recursive = isRecursive };
        root.Options.Add(option);
        _values.Add((option, path, isFile, helpName.EndsWith("...", StringComparison.Ordinal)));
    }
}
