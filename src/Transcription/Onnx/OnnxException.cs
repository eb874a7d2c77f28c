namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>ONNX Runtime refused or failed; the message is its own.</summary>
public sealed class OnnxException : Exception
{
    /// <summary>Makes one.</summary>
    public OnnxException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What the runtime said.</param>
    public OnnxException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What the runtime said.</param>
    /// <param name="innerException">The cause.</param>
    public OnnxException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
