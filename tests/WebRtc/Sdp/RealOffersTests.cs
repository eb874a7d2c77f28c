using System.Text;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.WebRtc.Tests.Sdp;

/// <summary>Offers as real clients made them (tests/data/sdp), whole, cut short and damaged.</summary>
public sealed class RealOffersTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "data", "sdp");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.sdp").Select(f => Path.GetFileNameWithoutExtension(f)).Order()];

    [Fact]
    public void All_clients_are_there() => Assert.Equal(8, Names.Count);

    [Theory]
    [InlineData("chromium-audio-data", 111, 4, "0", "1", "m=audio 40000|m=application 40000")]
    [InlineData("chromium-video-first-max-bundle", 111, 9, "1", "2", "m=video 0|m=audio 40000|m=application 40000")]
    [InlineData("chromium-ice-restart-with-video", 111, 4, "0", null, "m=audio 40000|m=video 0")]
    [InlineData("firefox-audio-data", 109, 3, "0", "1", "m=audio 40000|m=application 40000")]
    [InlineData("firefox-video-first-max-bundle", 109, 3, "1", "2", "m=video 0|m=audio 40000|m=application 40000")]
    [InlineData("firefox-ice-restart-with-video", 109, 3, "0", null, "m=audio 40000|m=video 0")]
    [InlineData("aiortc-audio-data", 96, 1, "0", "1", "m=audio 40000|m=application 40000")]
    [InlineData("safari-like-audio-data", 111, 4, "0", "1", "m=audio 40000|m=application 40000")]
    public void Each_is_answered_section_by_section(string name, int payloadType, int midExtension, string audioMid, string? dataMid, string sections)
    {
        var offer = SdpOffer.Parse(Read(name));
        Assert.Equal(payloadType, offer.Audio.OpusPayloadType);
        Assert.Equal(midExtension, offer.Audio.MidExtensionId);
        Assert.Equal(audioMid, offer.Audio.Media.Mid);
        Assert.Equal(dataMid, offer.Application?.Media.Mid);
        Assert.Equal("sha-256", offer.Fingerprint.Algorithm);

        var lines = AnswerBuilderTests.Answer(Read(name), AnswerBuilderTests.Parameters);
        var answered = lines.Where(l => l.StartsWith("m=", StringComparison.Ordinal)).Select(l => string.Join(' ', l.Split(' ').Take(2)));
        Assert.Equal(sections.Split('|'), answered);
        Assert.Equal(dataMid is null ? $"a=group:BUNDLE {audioMid}" : $"a=group:BUNDLE {audioMid} {dataMid}", lines.Single(l => l.StartsWith("a=group:", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_prefix_does_harm(string name)
    {
        var text = Read(name);
        var answered = 0;
        for (var length = 0; length < text.Length; length++)
        {
            answered += TryAnswer(text[..length]) ? 1 : 0;
        }

        Assert.InRange(answered, 1, text.Length - 1);
    }

    [Theory]
    [InlineData("chromium-audio-data")]
    [InlineData("firefox-audio-data")]
    [InlineData("aiortc-audio-data")]
    public void No_damaged_byte_does_harm(string name)
    {
        var text = new StringBuilder(Read(name));
        for (var i = 0; i < text.Length; i++)
        {
            var original = text[i];
            foreach (var value in "\n :0")
            {
                text[i] = value;
                _ = TryAnswer(text.ToString());
            }

            text[i] = original;
        }
    }

    [Fact]
    public void Every_byte_of_a_small_offer_may_have_any_value_without_harm()
    {
        var text = OfferTexts.Minimal.ToCharArray();
        for (var i = 0; i < text.Length; i++)
        {
            var original = text[i];
            for (var value = '\0'; value < 128; value++)
            {
                text[i] = value;
                _ = TryAnswer(new string(text));
            }

            text[i] = original;
        }
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name + ".sdp"));

    /// <summary>Either it is refused by the one exception there is, or it is answered with as many sections as it has.</summary>
    private static bool TryAnswer(string text)
    {
        SdpOffer offer;
        try
        {
            offer = SdpOffer.Parse(text);
        }
        catch (SdpException)
        {
            return false;
        }

        var answer = SessionDescription.Parse(AnswerBuilder.Build(offer, AnswerBuilderTests.Parameters));
        Assert.Equal(offer.Session.Media.Count, answer.Media.Count);
        return true;
    }
}
