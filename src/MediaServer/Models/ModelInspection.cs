using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Turns;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.MediaServer.Models;

/// <summary>Loads a model once and tells what it can do, and by name what it cannot.</summary>
internal static class ModelInspection
{
    private const int FewLanguages = 8;

    /// <summary>Loads it and tells about it on standard error.</summary>
    /// <param name="folder">Its folder.</param>
    /// <returns>Its languages.</returns>
    /// <exception cref="RecognizerException">It cannot be loaded.</exception>
    internal static IReadOnlyList<string> Inspect(string folder)
    {
        if (ModelLoader.Recognize(folder) == ModelKind.Turn)
        {
            return InspectTurnModel(folder);
        }

        using var model = ModelLoader.Load(folder);
        foreach (var line in Describe(model))
        {
            Console.Error.WriteLine(line);
        }

        return model.Info.Languages;
    }

    private static IReadOnlyList<string> InspectTurnModel(string folder)
    {
        try
        {
            new SmartTurn(ModelLoader.FindTurnModel(folder)).Dispose();
        }
        catch (OnnxException exception)
        {
            throw new RecognizerException(exception.Message, exception);
        }

        Console.Error.WriteLine("hears whether a turn is complete; name it in TurnDetection:Model to let sessions use it");
        return ["*"];
    }

    /// <summary>What it can do, a line each.</summary>
    /// <param name="model">The model.</param>
    internal static IEnumerable<string> Describe(IRecognizerModel model)
    {
        var info = model.Info;
        yield return $"languages: {Languages(info.Languages)}{(info.DetectsLanguage ? ", detected where not given" : "")}";
        yield return $"draft checks: {YesNo(info.CanCheckDrafts)}; word times: {YesNo(info.HasWordTimes)}; translation to English: {YesNo(info.CanTranslate)}; longest pass: {info.MaxSamples / 16_000} s";
        var warnings = model switch
        {
            WhisperModel whisper => whisper.Probe.Warnings(),
            MoonshineModel { ShippedGraphsReason: { } reason } => [$"The shipped graphs are used, several times slower than our own code: {reason}"],
            _ => [],
        };
        foreach (var warning in warnings)
        {
            yield return warning;
        }
    }

    /// <summary>Languages in a few words.</summary>
    internal static string Languages(IReadOnlyList<string> codes) => codes switch
    {
        [] => "?",
        ["*"] => "many",
        { Count: <= FewLanguages } => string.Join(' ', codes),
        _ => $"{codes.Count}",
    };

    private static string YesNo(bool value) => value ? "yes" : "no";
}
