using System.Net;
using AsrHub.Rtc.Signaling.Access;

namespace AsrHub.Rtc.MediaServer.Options;

/// <summary>Checks values that are of the right kind but cannot work.</summary>
internal static class OptionsValidator
{
    private const int MinKeyLength = 16;
    private const int MaxPort = 65_535;

    internal static void Validate(AsrHubOptions options, List<string> problems)
    {
        CheckListeners(options, problems);
        CheckAccess(options.Access, problems);
        CheckTurn(options.Turn, problems);
        CheckWebAddress(problems, "Model:Hub", options.Model.Hub);
        CheckRange(problems, "Model:Recognizers", options.Model.Recognizers, 0, 64);
        CheckRange(problems, "Pool:MinSize", options.Pool.MinSize, 0, 64);
        CheckRange(problems, "Pool:MaxSize", options.Pool.MaxSize, 0, 64);
        CheckRange(problems, "Pool:IdleSeconds", options.Pool.IdleSeconds, 1, 86_400);
        CheckRange(problems, "Pool:AcquireSeconds", options.Pool.AcquireSeconds, 1, 600);
        CheckRange(problems, "Pool:HealthCheckSeconds", options.Pool.HealthCheckSeconds, 1, 86_400);
        CheckRange(problems, "Pool:MaxLeaseSeconds", options.Pool.MaxLeaseSeconds, 1, 600);
        CheckRange(problems, "Pool:DuplicateSeconds", options.Pool.DuplicateSeconds, 0, 3600);
        if (options.Pool.MaxSize > 0 && options.Pool.MaxSize < options.Pool.MinSize)
        {
            problems.Add($"Pool:MaxSize = {options.Pool.MaxSize} is less than Pool:MinSize = {options.Pool.MinSize}. Raise the one or lower the other.");
        }

        CheckRange(problems, "Recording:MaxMegabytes", options.Recording.MaxMegabytes, 1, 1_000_000);
        if (options.TurnDetection.Semantic && options.TurnDetection.Model.Length == 0)
        {
            problems.Add("TurnDetection:Semantic is true without TurnDetection:Model. Name the model as well, e.g. smart-turn-v3 after \"models pull smart-turn-v3\".");
        }

        CheckRange(problems, "Sessions:Max", options.Sessions.Max, 1, 10_000);
        CheckRange(problems, "Sessions:MaxPerKey", options.Sessions.MaxPerKey, 0, 10_000);
        CheckRange(problems, "Sessions:MaxPerAddress", options.Sessions.MaxPerAddress, 0, 10_000);
        CheckRange(problems, "Sessions:PassesPerSecond", options.Sessions.PassesPerSecond, 0, 1000);
        CheckRange(problems, "Sessions:CloseSeconds", options.Sessions.CloseSeconds, 1, 600);
        CheckRange(problems, "Sessions:GraceSeconds", options.Sessions.GraceSeconds, 1, 3600);
        CheckRange(problems, "Sessions:DrainSeconds", options.Sessions.DrainSeconds, 1, 300);
        if (!Enum.TryParse<LogLevel>(options.LogLevel, ignoreCase: true, out var level) || !Enum.IsDefined(level) || int.TryParse(options.LogLevel, out _))
        {
            problems.Add($"LogLevel = \"{options.LogLevel}\" is not a level. Use Trace, Debug, Information, Warning, Error or None.");
        }
    }

    private static void CheckListeners(AsrHubOptions options, List<string> problems)
    {
        CheckAddress(problems, "Http:Address", options.Http.Address);
        CheckRange(problems, "Http:Port", options.Http.Port, 0, MaxPort);
        CheckAddress(problems, "Https:Address", options.Https.Address);
        CheckRange(problems, "Https:Port", options.Https.Port, 0, MaxPort);
        CheckRange(problems, "Media:Port", options.Media.Port, 0, MaxPort);
        foreach (var address in options.Media.Addresses)
        {
            CheckAddress(problems, "Media:Addresses", address);
        }

        foreach (var address in options.Media.PublicAddresses)
        {
            CheckAddress(problems, "Media:PublicAddresses", address);
        }

        var https = options.Https;
        if (https.Certificate.Length == 0 && (https.CertificateKey.Length > 0 || https.CertificatePassword.Length > 0))
        {
            problems.Add("Https:CertificateKey or Https:CertificatePassword is set without Https:Certificate. Name the certificate's file as well.");
        }

        if (https.Certificate.Length > 0 && options.Lan)
        {
            problems.Add("Lan makes a certificate of its own, and Https:Certificate names another. Use one of them.");
        }

        if ((https.Certificate.Length > 0 || options.Lan) && https.Port != 0 && https.Port == options.Http.Port)
        {
            problems.Add($"Http:Port and Https:Port are both {https.Port}. Give them different ports.");
        }
    }

    private static void CheckAccess(AccessSection access, List<string> problems)
    {
        foreach (var key in access.Keys)
        {
            if (key.Length < MinKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                // The key itself stays out of the message: messages end up in logs.
                problems.Add($"Access:Keys holds a key of {key.Length} characters. A key has at least {MinKeyLength} printable ASCII characters without spaces; \"openssl rand -hex 24\" makes one.");
            }
        }

        foreach (var origin in access.AllowedOrigins)
        {
            if (!OriginRules.IsWellFormed(origin))
            {
                problems.Add($"Access:AllowedOrigins holds \"{origin}\". An origin is scheme, host and port without a path, e.g. https://app.example.com.");
            }
        }
    }

    private static void CheckTurn(TurnSection turn, List<string> problems)
    {
        foreach (var url in turn.Urls)
        {
            if (!url.StartsWith("turn:", StringComparison.Ordinal) && !url.StartsWith("turns:", StringComparison.Ordinal))
            {
                problems.Add($"Turn:Urls holds \"{url}\". A TURN address looks like turn:turn.example.com:3478?transport=udp.");
            }
        }

        if (turn.Urls.Count > 0 && turn.Secret.Length == 0)
        {
            problems.Add("Turn:Urls is set without Turn:Secret. Give the secret that coturn has as static-auth-secret.");
        }

        CheckRange(problems, "Turn:LifetimeSeconds", turn.LifetimeSeconds, 60, 86_400);
    }

    private static void CheckAddress(List<string> problems, string name, string value)
    {
        if (!IPAddress.TryParse(value, out _))
        {
            problems.Add($"{name} = \"{value}\" is not an IP address. Give one such as 127.0.0.1, 0.0.0.0 or ::.");
        }
    }

    private static void CheckWebAddress(List<string> problems, string name, string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            problems.Add($"{name} = \"{value}\" is not a web address. Give one such as https://huggingface.co.");
        }
    }

    private static void CheckRange(List<string> problems, string name, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            problems.Add($"{name} = {value} is out of range. Give a whole number from {min} to {max}.");
        }
    }
}
