using System.Text.Json;
using AsrHub.Rtc.Transcription.Operators;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>Reads <c>x-operators</c>: a list of <c>{ "type": "high-pass", "options": { "frequency": 80 } }</c>. Whether the server has them is the engine's to say.</summary>
internal static class OperatorSettingsReader
{
    private const int MaxOperators = 16;
    private const int MaxOptions = 16;
    private const int MaxType = 64;
    private const int MaxNameLength = 64;

    internal static IReadOnlyList<OperatorSetting> Read(JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() > MaxOperators)
        {
            throw Wrong(path, $"must be a list of at most {MaxOperators} operators");
        }

        var operators = new List<OperatorSetting>();
        foreach (var item in json.EnumerateArray())
        {
            operators.Add(ReadOne(item, $"{path}[{operators.Count}]"));
        }

        return operators;
    }

    internal static void Write(Utf8JsonWriter json, IReadOnlyList<OperatorSetting> operators)
    {
        json.WriteStartArray("x-operators"u8);
        foreach (var setting in operators)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, setting.Type);
            json.WriteStartObject("options"u8);
            foreach (var (name, value) in setting.Options)
            {
                json.WriteNumber(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static OperatorSetting ReadOne(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(path, "must be an object with a type");
        }

        string? type = null;
        var options = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
        {
            switch (property.Name)
            {
                case "type" when property.Value is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 and <= MaxType } name:
                    type = name;
                    break;
                case "type":
                    throw Wrong($"{path}.type", "must be the name of an operator");
                case "options":
                    ReadOptions(property.Value, $"{path}.options", options);
                    break;
                default:
                    throw ContractException.InvalidRequest(
                        DoorErrorCodes.UnknownSetting, $"An operator has no field named \"{JsonText.Shorten(property.Name)}\". It has type and options.", $"{path}.{JsonText.Shorten(property.Name)}");
            }
        }

        return type is null
            ? throw ContractException.InvalidRequest(DoorErrorCodes.MissingValue, $"\"{path}.type\" is missing: it names the operator.", $"{path}.type")
            : new OperatorSetting(type, options);
    }

    private static void ReadOptions(JsonElement json, string path, Dictionary<string, double> options)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(path, "must be an object");
        }

        foreach (var property in json.EnumerateObject())
        {
            var at = $"{path}.{JsonText.Shorten(property.Name)}";
            options[property.Name] = property.Value.ValueKind switch
            {
                JsonValueKind.True => 1,
                JsonValueKind.False => 0,
                JsonValueKind.Number when property.Value.TryGetDouble(out var number) && double.IsFinite(number) => number,
                _ => throw Wrong(at, "must be a number, true or false"),
            };
            if (options.Count > MaxOptions || property.Name.Length > MaxNameLength)
            {
                throw Wrong(path, $"must have at most {MaxOptions} options with names of at most {MaxNameLength} characters");
            }
        }
    }

    private static ContractException Wrong(string path, string what) => ContractException.InvalidRequest(DoorErrorCodes.InvalidValue, $"\"{path}\" {what}.", path);
}
