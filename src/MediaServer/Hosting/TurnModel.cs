using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>The model that hears whether turns are complete, with its judges, where the settings name one.</summary>
internal sealed class TurnModel : IDisposable
{
    private readonly SmartTurn _model;

    private TurnModel(SmartTurn model, int judges)
    {
        _model = model;
        Judges = new TurnJudges(model, judges);
    }

    public TurnJudges Judges { get; }

    /// <summary>Loads it; null where none is named.</summary>
    /// <param name="options">The server's settings.</param>
    /// <param name="recognizers">Passes that run at once.</param>
    /// <exception cref="OptionsException">It is not there, or damaged.</exception>
    public static TurnModel? Load(AsrHubOptions options, int recognizers)
    {
        var named = options.TurnDetection.Model;
        if (named.Length == 0)
        {
            return null;
        }

        try
        {
            // A pause comes every few seconds of speech and a judgement costs about as much as its final: half as many judges are never behind.
            var path = named.Contains('/', StringComparison.Ordinal) ? HomeFolder.Resolve(options, named) : named;
            return new TurnModel(new SmartTurn(ModelLoader.FindTurnModel(path)), Math.Max(1, recognizers / 2));
        }
        catch (Exception exception) when (exception is OnnxException or RecognizerException)
        {
            throw new OptionsException($"TurnDetection:Model = \"{named}\" cannot be used. {exception.Message}", exception);
        }
    }

    public void Dispose()
    {
        Judges.Dispose();
        _model.Dispose();
    }
}
