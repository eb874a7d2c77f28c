namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>The weights of one model, loaded once a process. Recognizers made from it share them.</summary>
public interface IRecognizerModel : IDisposable
{
    /// <summary>What it is and what it can do.</summary>
    ModelInfo Info { get; }

    /// <summary>
    /// Memory that all recognizers of the model share, in bytes: its weights, and the buffers that they compute in, of which there are as many as ever computed at once. Of graphs that ONNX Runtime runs
    /// it is the size of their files; what the runtime takes besides is not known. Zero where nothing is known. Any thread.
    /// </summary>
    long SharedBytes => 0;

    /// <summary>Makes a decoding context. Cheap next to loading: it allocates buffers only.</summary>
    IRecognizer CreateRecognizer();

    /// <summary>Turns tokens of this model into text, specials left out. Never ends inside a UTF-8 code point.</summary>
    /// <param name="tokens">Token ids, as <see cref="PassResult.Tokens"/> holds them.</param>
    string Decode(ReadOnlySpan<int> tokens);

    /// <summary>The raw bytes that one token stands for (empty for specials); a word starts where they begin with a space.</summary>
    /// <param name="token">Token id.</param>
    ReadOnlySpan<byte> TokenBytes(int token);
}
