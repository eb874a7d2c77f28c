using System.Collections.Frozen;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// Loads the prepared graphs, making them first where they are missing: built from the shipped ones, checked against them on a clip, and
/// only then put in place. Where that fails, the shipped ones are used and the reason is kept.
/// </summary>
internal static class MoonshinePreparation
{
    private const double MaxTokensPerSecond = 6.5;

    /// <summary>Sessions to decode with, and why they are the shipped ones if they are.</summary>
    /// <param name="encoder">The shipped encoder.</param>
    /// <param name="decoder">The shipped decoder.</param>
    /// <param name="tokens">The token table.</param>
    public static (MoonshineSessions Sessions, string? Reason) Load(string encoder, string decoder, TokenTable tokens)
    {
        bool signed = ProcessorFeatures.SignedWeightsAreExact;
        string form = signed ? "s8" : "u8";
        string preparedEncoder = PreparedFile.PathFor(encoder, form, encoder, decoder);
        string preparedDecoder = PreparedFile.PathFor(decoder, form, decoder);
        if (File.Exists(preparedEncoder) && File.Exists(preparedDecoder))
        {
            try
            {
                return (MoonshineSessions.Load(preparedEncoder, preparedDecoder, prepared: true), null);
            }
            catch (OnnxException)
            {
                // A damaged copy is made anew.
            }
        }

        try
        {
            return Prepare(encoder, decoder, preparedEncoder, preparedDecoder, signed, tokens);
        }
        catch (Exception exception) when (exception is OnnxException or RecognizerException or IOException or UnauthorizedAccessException)
        {
            return (MoonshineSessions.Load(encoder, decoder, prepared: false), exception.Message);
        }
    }

    private static (MoonshineSessions Sessions, string? Reason) Prepare(
        string encoder, string decoder, string preparedEncoder, string preparedDecoder, bool signed, TokenTable tokens)
    {
        SourceGraph encoderSource = SourceGraph.Load(encoder);
        SourceGraph decoderSource = SourceGraph.Load(decoder);
        string? newEncoder = null;
        string? newDecoder = null;
        MoonshineSessions? prepared = null;
        MoonshineSessions? shipped = null;
        try
        {
            newEncoder = PreparedFile.WriteAside(MoonshineEncoderGraph.Build(encoderSource, decoderSource, signed), preparedEncoder);
            newDecoder = PreparedFile.WriteAside(MoonshineDecoderGraph.Build(decoderSource, signed), preparedDecoder);
            prepared = MoonshineSessions.Load(newEncoder, newDecoder, prepared: true);
            shipped = MoonshineSessions.Load(encoder, decoder, prepared: false);
            float[] clip = CheckClip.Load();
            string expected = Hear(shipped, clip, tokens);
            string heard = Hear(prepared, clip, tokens);
            if (!string.Equals(expected, heard, StringComparison.OrdinalIgnoreCase))
            {
                prepared.Dispose();
                return (shipped, $"The prepared graphs hear \"{heard}\" where the shipped ones hear \"{expected}\"; the shipped ones are used.");
            }

            shipped.Dispose();
            PreparedFile.Publish(newEncoder, preparedEncoder);
            PreparedFile.Publish(newDecoder, preparedDecoder);
            return (prepared, null);
        }
        catch
        {
            prepared?.Dispose();
            shipped?.Dispose();
            throw;
        }
        finally
        {
            Remove(newEncoder);
            Remove(newDecoder);
        }
    }

    /// <summary>The words heard, without punctuation: rounding may move a comma.</summary>
    private static string Hear(MoonshineSessions sessions, float[] clip, TokenTable tokens)
    {
        using var options = new OrtRunOptions();
        using MoonshineContext context = sessions.MakeContext(options);
        var greedy = new GreedyDecoder(FrozenSet<int>.Empty);
        int cap = (int)(clip.Length / CheckClip.SampleRate * MaxTokensPerSecond);
        context.Encoder.Encode(clip, 0);
        context.Decoder.Begin(1 + cap);
        greedy.Run(context.Decoder, [Start], [], End, cap);
        var words = tokens.Decode(greedy.Tokens).Where(letter => char.IsLetterOrDigit(letter) || letter == ' ');
        return string.Concat(words).Trim();
    }

    private static void Remove(string? path)
    {
        if (path is not null)
        {
            File.Delete(path);
        }
    }
}
