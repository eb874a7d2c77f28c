using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>
/// Reads session settings in the GA shape (<c>audio.input.…</c>), in the hub's shape (<c>model</c>, <c>turnDetection</c> …), or both at once.
/// What is absent stays as it was and <c>null</c> clears; a name nobody knows is an error that tells its path.
/// </summary>
public static class SessionSettingsReader
{
    private const int MaxText = 4096;
    private const int MaxName = 256;
    private const int MinSilenceMs = 100;
    private const int MaxSilenceMs = 10_000;
    private const int MaxPaddingMs = 2_000;

    /// <summary>Reads settings.</summary>
    /// <param name="json">The object; <c>undefined</c> and <c>null</c> mean "nothing to change".</param>
    /// <param name="path">How errors name the object; empty for none.</param>
    /// <param name="current">What stays where the object says nothing.</param>
    /// <param name="settings">The whole new settings.</param>
    /// <param name="error">What is wrong, when false is returned.</param>
    public static bool TryRead(JsonElement json, string path, SessionSettings current, out SessionSettings settings, [NotNullWhen(false)] out ErrorDetail? error)
    {
        settings = current;
        error = null;
        if (json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return true;
        }

        try
        {
            settings = ReadSession(json, path, current);
            return true;
        }
        catch (ContractException exception)
        {
            error = exception.Error;
            return false;
        }
        catch (InvalidOperationException)
        {
            // A string that escapes half a surrogate pair is JSON by the grammar but no text.
            error = Wrong(path, "holds a text with half a surrogate pair; send whole characters").Error;
            return false;
        }
    }

    private static SessionSettings ReadSession(JsonElement json, string path, SessionSettings settings)
    {
        foreach (var property in Properties(json, path))
        {
            var (name, value, at) = (property.Name, property.Value, Join(path, property.Name));
            settings = name switch
            {
                "type" => RequireWord(settings, value, at, "transcription"),
                // A client that sends back the object it was given repeats these; they are facts, not wishes.
                "id" or "object" or "expires_at" => settings,
                "include" => settings with { Include = ReadIncludes(value, at) },
                "audio" => ReadAudio(value, at, settings),
                "model" => settings with { Model = ReadText(value, at, MaxName) },
                "language" => settings with { Language = ReadLanguage(value, at) },
                "prompt" => settings with { Prompt = ReadText(value, at, MaxText) },
                "task" => settings with { Translate = ReadTask(value, at) },
                "turnDetection" => settings with { TurnDetection = ReadTurnDetection(value, at, settings.TurnDetection, isHub: true) },
                "x-operators" => settings with { Operators = OperatorSettingsReader.Read(value, at) },
                _ => throw Unknown(at),
            };
        }

        return settings;
    }

    private static SessionSettings ReadAudio(JsonElement json, string path, SessionSettings settings)
    {
        foreach (var property in Properties(json, path))
        {
            var at = Join(path, property.Name);
            settings = property.Name == "input" ? ReadInput(property.Value, at, settings) : throw Unknown(at);
        }

        return settings;
    }

    private static SessionSettings ReadInput(JsonElement json, string path, SessionSettings settings)
    {
        foreach (var property in Properties(json, path))
        {
            var at = Join(path, property.Name);
            settings = property.Name switch
            {
                "format" => ReadFormat(property.Value, at, settings),
                "noise_reduction" => RequireNull(settings, property.Value, at, "the server does not reduce noise; let the microphone's own processing do it"),
                "transcription" => ReadTranscription(property.Value, at, settings),
                "turn_detection" => settings with { TurnDetection = ReadTurnDetection(property.Value, at, settings.TurnDetection) },
                _ => throw Unknown(at),
            };
        }

        return settings;
    }

    private static SessionSettings ReadFormat(JsonElement json, string path, SessionSettings settings)
    {
        foreach (var property in Properties(json, path))
        {
            var at = Join(path, property.Name);
            _ = property.Name switch
            {
                "type" => RequireWord(settings, property.Value, at, "audio/pcm"),
                "rate" => ReadInteger(property.Value, at, SessionObjectWriter.PcmRate, SessionObjectWriter.PcmRate) == SessionObjectWriter.PcmRate ? settings : throw Unknown(at),
                _ => throw Unknown(at),
            };
        }

        return settings;
    }

    private static SessionSettings ReadTranscription(JsonElement json, string path, SessionSettings settings)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return settings with { Model = null, Language = null, Prompt = null, Translate = false };
        }

        foreach (var property in Properties(json, path))
        {
            var (value, at) = (property.Value, Join(path, property.Name));
            settings = property.Name switch
            {
                "model" => settings with { Model = ReadText(value, at, MaxName) },
                "language" => settings with { Language = ReadLanguage(value, at) },
                "prompt" => settings with { Prompt = ReadText(value, at, MaxText) },
                "x-task" => settings with { Translate = ReadTask(value, at) },
                "languages" or "keywords" or "delay" => RequireNull(settings, value, at, "this server has no such setting yet; leave it out"),
                _ => throw Unknown(at),
            };
        }

        return settings;
    }

    private static TurnDetection? ReadTurnDetection(JsonElement json, string path, TurnDetection? current, bool isHub = false)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var detection = current ?? new TurnDetection();
        foreach (var property in Properties(json, path))
        {
            var (value, at) = (property.Value, Join(path, property.Name));
            detection = property.Name switch
            {
                "type" => detection with { IsSemantic = ReadIsSemantic(value, at) },
                "eagerness" => detection with { Eagerness = ReadEagerness(value, at) },
                "threshold" => detection with { Threshold = ReadThreshold(value, at) },
                var name when name == (isHub ? "prefixPaddingMs" : "prefix_padding_ms") => detection with { PrefixPaddingMs = ReadInteger(value, at, 0, MaxPaddingMs) },
                var name when name == (isHub ? "silenceDurationMs" : "silence_duration_ms") => detection with { SilenceDurationMs = ReadInteger(value, at, MinSilenceMs, MaxSilenceMs) },
                // These speak of answers of a model that talks back; a transcription session has none.
                "create_response" or "interrupt_response" or "idle_timeout_ms" when !isHub => value.ValueKind == JsonValueKind.False
                    ? detection
                    : RequireNull(detection, value, at, "a transcription session gives no responses; leave it out"),
                _ => throw Unknown(at),
            };
        }

        return RequireSense(detection, json, path);
    }

    private static TurnDetection RequireSense(TurnDetection detection, JsonElement json, string path) =>
        detection.IsSemantic == false && json.TryGetProperty("eagerness", out var eagerness) && eagerness.ValueKind != JsonValueKind.Null
            ? throw Unsupported(Join(path, "eagerness"), $"belongs to turn detection of type \"{TurnDetectionNames.Semantic}\"")
            : detection;

    private static bool ReadIsSemantic(JsonElement json, string path) => ReadName(json, path, TurnDetectionNames.Types) == TurnDetectionNames.Semantic;

    private static TurnEagerness ReadEagerness(JsonElement json, string path) =>
        json.ValueKind == JsonValueKind.Null ? TurnEagerness.Auto : (TurnEagerness)TurnDetectionNames.Eagerness.IndexOf(ReadName(json, path, TurnDetectionNames.Eagerness));

    private static string ReadName(JsonElement json, string path, ImmutableArray<string> names)
    {
        foreach (var name in names)
        {
            if (json.ValueKind == JsonValueKind.String && json.ValueEquals(name))
            {
                return name;
            }
        }

        throw Unsupported(path, $"is {JsonText.Shorten(json.GetRawText())}; this server knows {string.Join(", ", names.Select(static name => $"\"{name}\""))}");
    }

    private static SessionIncludes ReadIncludes(JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return SessionIncludes.None;
        }

        if (json.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(path, "must be a list of names");
        }

        var includes = SessionIncludes.None;
        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            var at = $"{path}[{index++}]";
            var name = ReadText(item, at, MaxName) ?? throw Wrong(at, "must be a name");
            var flag = SessionIncludes.None;
            foreach (var known in SessionObjectWriter.Includes)
            {
                flag |= known.Name == name ? known.Flag : SessionIncludes.None;
            }

            includes |= flag == SessionIncludes.None
                ? throw Unsupported(at, $"is \"{JsonText.Shorten(name)}\"; there are x-interim, x-word and x-stats")
                : flag;
        }

        return includes;
    }

    private static string? ReadText(JsonElement json, string path, int maxLength)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (json.ValueKind != JsonValueKind.String)
        {
            throw Wrong(path, $"must be a text, not a {Kind(json)}");
        }

        var text = json.GetString()!;
        return text.Length <= maxLength ? text : throw Wrong(path, $"has {text.Length} characters; at most {maxLength} are taken");
    }

    private static string? ReadLanguage(JsonElement json, string path)
    {
        var text = ReadText(json, path, MaxName);
        return text is null || (text.Length is 2 or 3 && text.AsSpan().IndexOfAnyExceptInRange('a', 'z') < 0)
            ? text
            : throw Wrong(path, $"is \"{JsonText.Shorten(text)}\"; give an ISO 639-1 code such as \"en\"");
    }

    private static bool ReadTask(JsonElement json, string path) => ReadText(json, path, MaxName) switch
    {
        null or "transcribe" => false,
        "translate" => true,
        var other => throw Unsupported(path, $"is \"{JsonText.Shorten(other)}\"; there are \"transcribe\" and \"translate\" (to English)"),
    };

    private static int ReadInteger(JsonElement json, string path, int min, int max)
    {
        if (json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var value) && value >= min && value <= max)
        {
            return value;
        }

        var expected = min == max ? $"{min}" : $"a whole number from {min} to {max}";
        throw Wrong(path, $"must be {expected}, not {JsonText.Shorten(json.GetRawText())}");
    }

    private static float ReadThreshold(JsonElement json, string path) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetSingle(out var value) && value > 0 && value < 1
            ? value
            : throw Wrong(path, $"must be a number between 0 and 1, not {JsonText.Shorten(json.GetRawText())}");

    private static T RequireWord<T>(T unchanged, JsonElement json, string path, string word) =>
        json.ValueKind == JsonValueKind.String && json.ValueEquals(word)
            ? unchanged
            : throw Unsupported(path, $"is {JsonText.Shorten(json.GetRawText())}; this server knows \"{word}\" alone");

    private static T RequireNull<T>(T unchanged, JsonElement json, string path, string remedy) =>
        json.ValueKind == JsonValueKind.Null ? unchanged : throw Unsupported(path, $"is set, but {remedy}");

    private static JsonElement.ObjectEnumerator Properties(JsonElement json, string path) =>
        json.ValueKind == JsonValueKind.Object ? json.EnumerateObject() : throw Wrong(path, $"must be an object, not a {Kind(json)}");

    private static string Kind(JsonElement json) => json.ValueKind is JsonValueKind.True or JsonValueKind.False ? "truth value" : json.ValueKind.ToString().ToLowerInvariant();

    private static string Join(string path, string name) => path.Length == 0 ? JsonText.Shorten(name) : $"{path}.{JsonText.Shorten(name)}";

    private static ContractException Unknown(string path) =>
        ContractException.InvalidRequest(DoorErrorCodes.UnknownSetting, $"No setting is named \"{path}\". Check its spelling, or leave it out.", path);

    private static ContractException Unsupported(string path, string what) =>
        ContractException.InvalidRequest(DoorErrorCodes.UnsupportedSetting, $"\"{path}\" {what}.", path);

    private static ContractException Wrong(string path, string what) =>
        ContractException.InvalidRequest(DoorErrorCodes.InvalidValue, path.Length == 0 ? $"The settings value {what}." : $"\"{path}\" {what}.", path.Length == 0 ? null : path);
}
