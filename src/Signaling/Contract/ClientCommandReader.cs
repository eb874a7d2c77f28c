using System.Text.Json;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>Reads the commands of clients. What is wrong comes back as an error object; nothing is thrown, and nothing unknown is ignored.</summary>
public static class ClientCommandReader
{
    /// <summary>Longest message that is read, bytes: OpenAI's limit for <c>input_audio_buffer.append</c> (15 MiB of base64) with room for its frame.</summary>
    public const int MaxBytes = (15 * 1024 * 1024) + 1024;

    private const int MaxEventIdLength = 512;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <summary>Reads one command.</summary>
    /// <param name="utf8">One JSON object.</param>
    /// <param name="current">Settings that a <c>session.update</c> starts from.</param>
    /// <param name="command">The command, when it is right.</param>
    /// <param name="error">What is wrong with it, when it is not.</param>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, SessionSettings current, out ClientCommand? command, out ErrorDetail? error)
    {
        command = null;
        if (utf8.Length > MaxBytes)
        {
            error = Invalid(DoorErrorCodes.MessageTooLarge, $"The message has {utf8.Length} bytes; at most {MaxBytes} are read. Send audio in smaller pieces.", null, null);
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            return TryRead(document.RootElement, current, out command, out error);
        }
        catch (JsonException exception)
        {
            var place = exception.BytePositionInLine is { } at ? $" (line {exception.LineNumber + 1}, byte {at + 1})" : "";
            error = Invalid(DoorErrorCodes.InvalidJson, $"The message is not valid JSON{place}. Send one JSON object a message.", null, null);
        }
        catch (InvalidOperationException)
        {
            // JSON by the grammar, but a string escapes half a surrogate pair and so is no text.
            error = Invalid(DoorErrorCodes.InvalidJson, "The message has a text with half a surrogate pair. Send whole characters.", null, null);
        }

        command = null;
        return false;
    }

    private static bool TryRead(JsonElement message, SessionSettings current, out ClientCommand? command, out ErrorDetail? error)
    {
        command = null;
        error = null;
        if (message.ValueKind != JsonValueKind.Object)
        {
            error = Invalid(DoorErrorCodes.InvalidJson, $"The message is a JSON {message.ValueKind.ToString().ToLowerInvariant()}; a command is an object with a \"type\".", null, null);
            return false;
        }

        string? eventId = null;
        if (message.TryGetProperty("event_id", out var id) && id.ValueKind == JsonValueKind.String)
        {
            eventId = id.GetString() is { Length: <= MaxEventIdLength } text ? text : null;
        }

        if (!message.TryGetProperty("type", out var typeElement) || typeElement.ValueKind != JsonValueKind.String)
        {
            error = Invalid(DoorErrorCodes.MissingValue, "The command has no \"type\" text; it says what to do, e.g. \"session.update\".", "type", eventId);
            return false;
        }

        var type = typeElement.GetString()!;
        command = type switch
        {
            "session.update" => ReadUpdate(message, current, eventId, out error),
            "input_audio_buffer.append" => ReadAppend(message, eventId, out error),
            "input_audio_buffer.commit" => new ClientCommand.Commit(),
            "input_audio_buffer.clear" => new ClientCommand.Clear(),
            "x-session.close" => new ClientCommand.Close(),
            _ => null,
        };
        if (command is null && error is null)
        {
            error = Invalid(
                DoorErrorCodes.UnknownCommand,
                $"No command is named \"{JsonText.Shorten(type)}\". There are session.update, input_audio_buffer.append, input_audio_buffer.commit, input_audio_buffer.clear and x-session.close.",
                "type",
                eventId);
        }

        if (command is null)
        {
            return false;
        }

        error = UnknownField(message, command, eventId);
        command = error is null ? command with { EventId = eventId } : null;
        return error is null;
    }

    private static ClientCommand.Update? ReadUpdate(JsonElement message, SessionSettings current, string? eventId, out ErrorDetail? error)
    {
        if (!message.TryGetProperty("session", out var session))
        {
            error = Invalid(DoorErrorCodes.MissingValue, "session.update has no \"session\" object.", "session", eventId);
            return null;
        }

        if (!SessionSettingsReader.TryRead(session, "session", current, out var settings, out error))
        {
            error = error! with { CausedByEventId = eventId };
            return null;
        }

        return new ClientCommand.Update(settings);
    }

    private static ClientCommand.Append? ReadAppend(JsonElement message, string? eventId, out ErrorDetail? error)
    {
        error = null;
        if (!message.TryGetProperty("audio", out var audio))
        {
            error = Invalid(DoorErrorCodes.MissingValue, "input_audio_buffer.append has no \"audio\".", "audio", eventId);
            return null;
        }

        if (audio.ValueKind != JsonValueKind.String || !audio.TryGetBytesFromBase64(out var bytes))
        {
            error = Invalid(DoorErrorCodes.InvalidValue, "\"audio\" is not base64 text.", "audio", eventId);
            return null;
        }

        return new ClientCommand.Append(bytes);
    }

    private static ErrorDetail? UnknownField(JsonElement message, ClientCommand command, string? eventId)
    {
        foreach (var property in message.EnumerateObject())
        {
            var known = property.Name is "type" or "event_id"
                || (property.Name == "session" && command is ClientCommand.Update)
                || (property.Name == "audio" && command is ClientCommand.Append);
            if (!known)
            {
                var name = JsonText.Shorten(property.Name);
                return Invalid(DoorErrorCodes.UnknownSetting, $"The command has no field named \"{name}\". Leave it out.", name, eventId);
            }
        }

        return null;
    }

    private static ErrorDetail Invalid(string code, string message, string? param, string? eventId) =>
        new("invalid_request_error", code, message, param, eventId);
}
