using System.Globalization;
using System.Net;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.ClientPeer;

/// <summary>What an offerer needs of an answer.</summary>
internal sealed class AnswerText
{
    private AnswerText(SessionDescription session)
    {
        string? Find(string name) => session.Media.Select(m => m.Attributes[name]).FirstOrDefault(v => v is not null) ?? session.Attributes[name];
        Ice = new IceCredentials(Find("ice-ufrag")!, Find("ice-pwd")!);
        Fingerprint = SdpFingerprint.TryParse(Find("fingerprint"), out var fingerprint) ? fingerprint! : throw new FormatException("The answer has no fingerprint.");
        Candidates = session.Media
            .SelectMany(m => m.Attributes.Items)
            .Where(line => line.Name == "candidate")
            .Select(line => line.Value.Split(' '))
            .Select(words => TransportAddress.From(new IPEndPoint(IPAddress.Parse(words[4]), int.Parse(words[5], CultureInfo.InvariantCulture))))
            .ToList();
        Application = session.Media.FirstOrDefault(m => m.Kind == "application" && !m.IsRejected);
    }

    public IceCredentials Ice { get; }

    public SdpFingerprint Fingerprint { get; }

    public IReadOnlyList<TransportAddress> Candidates { get; }

    public MediaDescription? Application { get; }

    public static AnswerText Parse(string sdp) => new(SessionDescription.Parse(sdp));
}
