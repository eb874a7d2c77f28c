using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>The graphs of a model, prepared or as shipped, and how contexts over them are made.</summary>
internal sealed class MoonshineSessions : IDisposable
{
    private const double FramesPerSecond = 16000.0 / FrameSamples;

    private readonly OrtSession? _front;
    private readonly OrtSession _encoder;
    private readonly OrtSession _decoder;

    private MoonshineSessions(OrtSession? front, OrtSession encoder, OrtSession decoder)
    {
        _front = front;
        _encoder = encoder;
        _decoder = decoder;
    }

    /// <summary>Loads the graphs of a model.</summary>
    /// <param name="front">Path of the prepared convolutions; null where the others are the shipped ones.</param>
    /// <param name="encoder">Path of the encoder.</param>
    /// <param name="decoder">Path of the decoder.</param>
    public static MoonshineSessions Load(string? front, string encoder, string decoder)
    {
        OrtSession? first = null;
        OrtSession? second = null;
        try
        {
            first = front is null ? null : OrtSession.Load(front);
            second = OrtSession.Load(encoder);
            return new MoonshineSessions(first, second, OrtSession.Load(decoder));
        }
        catch
        {
            first?.Dispose();
            second?.Dispose();
            throw;
        }
    }

    /// <summary>Makes the buffers of one decoding context.</summary>
    /// <param name="options">By which its passes are ended.</param>
    /// <param name="lookAhead">What a frame must have heard of what follows before it is kept.</param>
    public MoonshineContext MakeContext(OrtRunOptions options, TimeSpan lookAhead)
    {
        if (_front is not null)
        {
            var cross = new CrossAttention();
            int frames = (int)(lookAhead.TotalSeconds * FramesPerSecond);
            return new MoonshineContext(new MoonshineEncoder(_front, _encoder, cross, options, frames), new MoonshineStepper(_decoder, cross, options), cross);
        }

        var encoder = new ShippedEncoder(_encoder, options);
        return new MoonshineContext(encoder, new MergedStepper(new MergedGraph(_decoder), encoder.Hidden, new LikeliestToken(), options), null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _front?.Dispose();
        _encoder.Dispose();
        _decoder.Dispose();
    }
}
