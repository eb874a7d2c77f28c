using System.Text.Json.Serialization;

namespace AsrHub.Rtc.Transcription.Decoding;

[JsonSerializable(typeof(string[]))]
internal sealed partial class TokenTableJson : JsonSerializerContext;
