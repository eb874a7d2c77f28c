namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>Reads the runtime's description of a tensor.</summary>
internal static unsafe class OrtShape
{
    /// <summary>Element type and dimensions of an <c>OrtTensorTypeAndShapeInfo</c>.</summary>
    /// <param name="info">The description; stays the caller's.</param>
    public static (OrtElementType Type, long[] Shape) Read(nint info)
    {
        OrtElementType type;
        nuint rank;
        OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, OrtElementType*, nint>)OrtApi.At(OrtFunction.GetTensorElementType))(info, &type), "reading a shape");
        OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, nuint*, nint>)OrtApi.At(OrtFunction.GetDimensionsCount))(info, &rank), "reading a shape");
        var shape = new long[rank];
        fixed (long* dimensions = shape)
        {
            OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, long*, nuint, nint>)OrtApi.At(OrtFunction.GetDimensions))(info, dimensions, rank), "reading a shape");
        }

        return (type, shape);
    }

    /// <summary>Element type and dimensions of a value.</summary>
    /// <param name="value">An <c>OrtValue</c> that holds a tensor.</param>
    public static (OrtElementType Type, long[] Shape) ReadValue(nint value)
    {
        nint info;
        OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, nint*, nint>)OrtApi.At(OrtFunction.GetTensorTypeAndShape))(value, &info), "reading a shape");
        try
        {
            return Read(info);
        }
        finally
        {
            OrtApi.Release(OrtFunction.ReleaseTensorTypeAndShapeInfo, info);
        }
    }
}
