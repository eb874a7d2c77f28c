namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>Models that are there but not loaded before somebody asks for them.</summary>
public interface IModelLibrary
{
    /// <summary>Names of all that are there.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Loads a model and offers it to sessions; nothing happens to a name that is not there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops waiting; the model is loaded all the same.</param>
    /// <exception cref="SessionRejectedException">It cannot be loaded.</exception>
    Task PrepareAsync(string name, CancellationToken cancellationToken);
}
