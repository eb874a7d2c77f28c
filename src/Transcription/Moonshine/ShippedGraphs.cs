using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>The two graphs as they were shipped, or nearly so, loaded once for all recognizers.</summary>
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

    /// <summary>Loads them where our own code is not used: the decoder from a copy whose steps take a third of the time, if one can be had.</summary>
    /// <param name="encoder">Path of the encoder.</param>
    /// <param name="decoder">Path of the merged decoder.</param>
    /// <param name="reason">Why our own code is not used.</param>
    /// <returns>The graphs; and the reason, with what kept the copy from being used.</returns>
    public static (ShippedGraphs Graphs, string Reason) LoadPrepared(string encoder, string decoder, string reason)
    {
        try
        {
            (string path, string? notPrepared) = PreparedExport.Decoder(decoder, ProcessorFeatures.SignedWeightsAreExact);
            return (Load(encoder, path), notPrepared is null ? reason : $"{reason} {notPrepared}");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // An export that nobody has seen before, or a damaged copy: as it was shipped it may still run.
            return (Load(encoder, decoder), $"{reason} A prepared copy of '{decoder}' cannot be used: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Encoder.Dispose();
        Decoder.Dispose();
    }
}
