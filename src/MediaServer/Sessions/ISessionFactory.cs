using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.MediaServer.Sessions;

/// <summary>Makes sessions over the process's one engine.</summary>
public interface ISessionFactory
{
    /// <summary>Whether models are loaded.</summary>
    bool IsReady { get; }

    /// <summary>Figures for <c>/healthz</c>.</summary>
    PoolHealth Health { get; }

    /// <summary>Makes ready what a session with these settings needs: a model may have to be loaded.</summary>
    /// <param name="settings">What it will do.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="Signaling.Contract.ContractException">It cannot be had.</exception>
    ValueTask PrepareAsync(SessionSettings settings, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Starts a session.</summary>
    /// <param name="settings">What it does.</param>
    /// <param name="tenant">Whose it is: those of one share what recognizers there are with the others' evenly, and results of the same audio among themselves.</param>
    /// <exception cref="Signaling.Contract.ContractException">The engine cannot do what is asked, or not yet.</exception>
    ITranscriptionSession Create(SessionSettings settings, string tenant);
}

/// <summary>The recognizers, for <c>/healthz</c>.</summary>
/// <param name="Model">Default model.</param>
/// <param name="Size">Recognizers that can serve.</param>
/// <param name="Leased">Those at work.</param>
/// <param name="Waiting">Passes that wait for one.</param>
/// <param name="Load">How full they are.</param>
/// <param name="MemoryBytes">Memory of the model's weights and of the recognizers' buffers.</param>
public sealed record PoolHealth(string Model, int Size, int Leased, int Waiting, string Load, long MemoryBytes);
