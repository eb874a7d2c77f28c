using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>The models that a session holds on to: the one that new turns get, and those that turns still being transcribed began with.</summary>
/// <param name="first">The first model, already held for the session.</param>
internal sealed class HeldModels(ServedModel first) : IDisposable
{
    private readonly List<ServedModel> _models = [first];

    /// <summary>What new turns get.</summary>
    public ModelInfo Current => _models[^1].Info;

    /// <summary>Takes another for new turns.</summary>
    /// <param name="model">The model, already held for the session.</param>
    public void Use(ServedModel model)
    {
        if (ReferenceEquals(model, _models[^1]))
        {
            model.LetGo();
            return;
        }

        _models.Add(model);
    }

    /// <summary>Lets all go that no turn uses any more.</summary>
    public void KeepCurrent()
    {
        while (_models.Count > 1)
        {
            _models[0].LetGo();
            _models.RemoveAt(0);
        }
    }

    public void Dispose()
    {
        foreach (var model in _models)
        {
            model.LetGo();
        }
    }
}
