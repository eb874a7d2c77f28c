namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>An input or output of a session's graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its dimensions; -1 where the graph leaves one free.</param>
public sealed record OrtValueInfo(string Name, OrtElementType Type, IReadOnlyList<long> Shape);
