using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>The two graphs of a model, prepared or as shipped, and how contexts over them are made.</summary>
internal sealed class MoonshineSessions : IDisposable
{
    private readonly OrtSession _encoder;
    private readonly OrtSession _decoder;
    private readonly bool _prepared;

    private MoonshineSessions(OrtSession encoder, OrtSession decoder, bool prepared)
    {
        _encoder = encoder;
        _decoder = decoder;
        _prepared = prepared;
    }

    /// <summary>Loads two graphs.</summary>
    /// <param name="encoder">Path of the encoder.</param>
    /// <param name="decoder">Path of the decoder.</param>
    /// <param name="prepared">Whether they are prepared ones.</param>
    public static MoonshineSessions Load(string encoder, string decoder, bool prepared)
    {
        OrtSession first = OrtSession.Load(encoder);
        try
        {
            return new MoonshineSessions(first, OrtSession.Load(decoder), prepared);
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    /// <summary>Makes the buffers of one decoding context.</summary>
    /// <param name="options">By which its passes are ended.</param>
    public MoonshineContext MakeContext(OrtRunOptions options)
    {
        if (_prepared)
        {
            var cross = new CrossAttention();
            return new MoonshineContext(new MoonshineEncoder(_encoder, cross, options), new MoonshineStepper(_decoder, cross, options), cross);
        }

        var encoder = new ShippedEncoder(_encoder, options);
        return new MoonshineContext(encoder, new MergedStepper(new MergedGraph(_decoder), encoder.Hidden, new LikeliestToken(), options), null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }
}
