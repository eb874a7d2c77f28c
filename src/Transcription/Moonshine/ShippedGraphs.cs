using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>The two graphs as they were shipped, loaded once for all recognizers.</summary>
internal sealed class ShippedGraphs : IDisposable
{
    private ShippedGraphs(OrtSession encoder, OrtSession decoder)
    {
        Encoder = encoder;
        Decoder = decoder;
    }

    /// <summary>Audio to what the decoder listens to.</summary>
    public OrtSession Encoder { get; }

    /// <summary>Tokens to scores.</summary>
    public OrtSession Decoder { get; }

    /// <summary>Loads them.</summary>
    /// <param name="encoder">Path of the encoder.</param>
    /// <param name="decoder">Path of the merged decoder.</param>
    public static ShippedGraphs Load(string encoder, string decoder)
    {
        OrtSession first = OrtSession.Load(encoder);
        try
        {
            return new ShippedGraphs(first, OrtSession.Load(decoder));
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Encoder.Dispose();
        Decoder.Dispose();
    }
}
