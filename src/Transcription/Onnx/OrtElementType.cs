using System.Diagnostics.CodeAnalysis;

namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>Type of a tensor's elements, numbered as in the C API (and in <c>TensorProto.DataType</c>).</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "They name element types.")]
public enum OrtElementType
{
    /// <summary>Not a tensor, or unknown.</summary>
    Undefined = 0,

    /// <summary>32-bit floating point.</summary>
    Float = 1,

    /// <summary>Unsigned byte.</summary>
    UInt8 = 2,

    /// <summary>Signed byte.</summary>
    Int8 = 3,

    /// <summary>32-bit integer.</summary>
    Int32 = 6,

    /// <summary>64-bit integer.</summary>
    Int64 = 7,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 9,
}
