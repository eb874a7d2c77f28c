namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>
/// A decoding context over shared, read-only weights. It holds buffers, never the state of an utterance: any recognizer of a model can run
/// the next pass of any session. One pass at a time; the pool sees to that.
/// </summary>
public interface IRecognizer : IDisposable
{
    /// <summary>The model this context decodes with.</summary>
    ModelInfo Model { get; }

    /// <summary>Native memory that the buffers of this context hold at the moment, in bytes, beside what it shares (<see cref="IRecognizerModel.SharedBytes"/>). Zero where it is not known. Any thread.</summary>
    long OwnBytes => 0;

    /// <summary>Runs one pass to its end on the calling thread.</summary>
    /// <param name="pass">Audio, draft and limits.</param>
    /// <returns>The whole hypothesis for the audio given.</returns>
    /// <exception cref="OperationCanceledException"><see cref="Terminate"/> was called while it ran.</exception>
    /// <exception cref="RecognizerException">The runtime or the model failed.</exception>
    PassResult Run(PassRequest pass);

    /// <summary>Ends the pass in progress as soon as the runtime lets go. Any thread; harmless when none runs.</summary>
    void Terminate();
}
