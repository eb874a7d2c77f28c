using System.Text.Json;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>The GA session object (<c>realtime.transcription_session</c>).</summary>
internal static class SessionObjectWriter
{
    internal const int PcmRate = 24_000;

    internal static readonly (SessionIncludes Flag, string Name)[] Includes =
    [
        (SessionIncludes.Interim, "x-interim"),
        (SessionIncludes.Words, "x-word"),
        (SessionIncludes.Stats, "x-stats"),
    ];

    internal static void Write(Utf8JsonWriter json, SessionSnapshot session)
    {
        var settings = session.Settings;
        json.WriteStartObject();
        json.WriteString("type"u8, "transcription"u8);
        json.WriteString("object"u8, "realtime.transcription_session"u8);
        json.WriteString("id"u8, session.Id);
        json.WriteNumber("expires_at"u8, 0);
        json.WriteStartArray("include"u8);
        foreach (var (flag, name) in Includes)
        {
            if ((settings.Include & flag) != 0)
            {
                json.WriteStringValue(name);
            }
        }

        json.WriteEndArray();
        if (settings.Operators.Count > 0)
        {
            OperatorSettingsReader.Write(json, settings.Operators);
        }

        json.WriteStartObject("audio"u8);
        json.WriteStartObject("input"u8);
        json.WriteStartObject("format"u8);
        json.WriteString("type"u8, "audio/pcm"u8);
        json.WriteNumber("rate"u8, PcmRate);
        json.WriteEndObject();
        json.WriteNull("noise_reduction"u8);
        json.WriteStartObject("transcription"u8);
        json.WriteString("model"u8, session.Model);
        json.WriteString("language"u8, settings.Language);
        json.WriteString("prompt"u8, settings.Prompt);
        if (settings.Translate)
        {
            json.WriteString("x-task"u8, "translate"u8);
        }

        json.WriteEndObject();
        WriteTurnDetection(json, settings.TurnDetection);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTurnDetection(Utf8JsonWriter json, TurnDetection? detection)
    {
        if (detection is null)
        {
            json.WriteNull("turn_detection"u8);
            return;
        }

        json.WriteStartObject("turn_detection"u8);
        json.WriteString("type"u8, detection.IsSemantic == true ? TurnDetectionNames.Semantic : TurnDetectionNames.Silence);
        if (detection.IsSemantic == true)
        {
            json.WriteString("eagerness"u8, TurnDetectionNames.Eagerness[(int)detection.Eagerness]);
        }

        json.WriteNumber("threshold"u8, detection.Threshold);
        json.WriteNumber("prefix_padding_ms"u8, detection.PrefixPaddingMs);
        json.WriteNumber("silence_duration_ms"u8, detection.SilenceDurationMs);
        json.WriteEndObject();
    }
}
