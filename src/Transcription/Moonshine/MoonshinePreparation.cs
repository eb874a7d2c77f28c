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
        string[] paths =
        [
            PreparedFile.PathFor(encoder, "front", encoder),
            PreparedFile.PathFor(encoder, form, encoder, decoder),
            PreparedFile.PathFor(decoder, form, decoder),
        ];
        if (Array.TrueForAll(paths, File.Exists))
        {
            try
            {
                return (MoonshineSessions.Load(paths[0], paths[1], paths[2]), null);
            }
            catch (OnnxException)
            {
                // A damaged copy is made anew.
            }
        }

        try
        {
            return Prepare(encoder, decoder, paths, signed, tokens);
        }
        catch (Exception exception) when (exception is OnnxException or RecognizerException or IOException or UnauthorizedAccessException)
        {
            return (MoonshineSessions.Load(null, encoder, decoder), exception.Message);
        }
    }

    private static (MoonshineSessions Sessions, string? Reason) Prepare(string encoder, string decoder, string[] paths, bool signed, TokenTable tokens)
    {
        SourceGraph encoderSource = SourceGraph.Load(encoder);
        SourceGraph decoderSource = SourceGraph.Load(decoder);
        var made = new List<string>();
        MoonshineSessions? prepared = null;
        MoonshineSessions? shipped = null;
        try
        {
            made.Add(PreparedFile.WriteAside(MoonshineFrontGraph.Build(encoderSource), paths[0]));
            made.Add(PreparedFile.WriteAside(MoonshineEncoderGraph.Build(encoderSource, decoderSource, signed), paths[1]));
            made.Add(PreparedFile.WriteAside(MoonshineDecoderGraph.Build(decoderSource, signed), paths[2]));
            prepared = MoonshineSessions.Load(made[0], made[1], made[2]);
            shipped = MoonshineSessions.Load(null, encoder, decoder);
            float[] clip = CheckClip.Load();
            string expected = Hear(shipped, clip, tokens);
            string heard = Hear(prepared, clip, tokens);
            if (!string.Equals(expected, heard, StringComparison.OrdinalIgnoreCase))
            {
                prepared.Dispose();
                return (shipped, $"The prepared graphs hear \"{heard}\" where the shipped ones hear \"{expected}\"; the shipped ones are used.");
            }

            shipped.Dispose();
            for (int i = 0; i < paths.Length; i++)
            {
                PreparedFile.Publish(made[i], paths[i]);
            }

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
            made.ForEach(File.Delete);
        }
    }

    /// <summary>The words heard, without punctuation: rounding may move a comma.</summary>
    private static string Hear(MoonshineSessions sessions, float[] clip, TokenTable tokens)
    {
        using var options = new OrtRunOptions();
        using MoonshineContext context = sessions.MakeContext(options, TimeSpan.Zero);
        var greedy = new GreedyDecoder(FrozenSet<int>.Empty);
        int cap = (int)(clip.Length / CheckClip.SampleRate * MaxTokensPerSecond);
        context.Encoder.Encode(clip);
        context.Decoder.Begin(1 + cap);
        greedy.Run(context.Decoder, [Start], [], End, cap);
        var words = tokens.Decode(greedy.Tokens).Where(letter => char.IsLetterOrDigit(letter) || letter == ' ');
        return string.Concat(words).Trim();
    }
}
