using System.Globalization;

namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>
/// A session description as it stands (RFC 8866): lines and sections, no meaning yet (see <see cref="SdpOffer"/>). Tolerant where senders differ
/// (CRLF or LF, any <c>s=</c>, unknown lines and attributes), strict where a mistake would be guessed at, and bounded.
/// </summary>
public sealed class SessionDescription
{
    /// <summary>Longest text that is looked at.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>Most media sections.</summary>
    public const int MaxMedia = 16;

    /// <summary>Most lines; a browser's largest offers have some hundreds.</summary>
    public const int MaxLines = 4096;

    /// <summary>Most formats of one media section. Each is looked up among the section's attributes, so that without a bound 64 KB would cost a second.</summary>
    public const int MaxFormats = 128;

    private readonly List<MediaDescription> _media = [];

    private SessionDescription()
    {
    }

    /// <summary>Session-level attributes.</summary>
    public SdpAttributes Attributes { get; } = new();

    /// <summary>The media sections in their order, which never changes in a session (RFC 3264 s8).</summary>
    public IReadOnlyList<MediaDescription> Media => _media;

    /// <summary>Reads a description.</summary>
    /// <exception cref="SdpException">It is too large or malformed.</exception>
    public static SessionDescription Parse(string sdp)
    {
        ArgumentNullException.ThrowIfNull(sdp);
        if (sdp.Length > MaxLength)
        {
            throw TooLarge(string.Create(CultureInfo.InvariantCulture, $"The session description has {sdp.Length} characters; at most {MaxLength} are taken."));
        }

        var session = new SessionDescription();
        var number = 0;
        var sawVersion = false;
        foreach (var range in sdp.AsSpan().Split('\n'))
        {
            number++;
            if (number > MaxLines)
            {
                throw TooLarge(string.Create(CultureInfo.InvariantCulture, $"The session description has more than {MaxLines} lines."));
            }

            var line = sdp.AsSpan()[range].TrimEnd('\r');
            if (line.IsEmpty)
            {
                continue;
            }

            if (line.Length < 2 || line[1] != '=' || !char.IsAsciiLetterLower(line[0]))
            {
                throw Malformed(number, line, "is not of the form \"x=value\"");
            }

            if (line.IndexOfAny('\r', '\0') >= 0)
            {
                throw Malformed(number, line, "has a control character inside (RFC 8866 s9)");
            }

            if (!sawVersion)
            {
                sawVersion = line is "v=0";
                if (!sawVersion)
                {
                    throw Malformed(number, line, "should be \"v=0\", with which every session description begins (RFC 8866 s5.1)");
                }

                continue;
            }

            session.AddLine(line, number);
        }

        if (!sawVersion)
        {
            throw new SdpException(SdpErrorCodes.Malformed, "The session description is empty. Send the text of the offer (RTCSessionDescription.sdp).");
        }

        return session;
    }

    private static SdpException TooLarge(string what) => new(SdpErrorCodes.TooLarge, what + " Offer one audio track and one data channel only.");

    private static SdpException Malformed(int number, ReadOnlySpan<char> line, string what) => new(
        SdpErrorCodes.Malformed,
        string.Create(CultureInfo.InvariantCulture, $"Line {number} of the session description, {SdpException.Quote(line)}, {what}. Send the offer as the browser made it."));

    private void AddLine(ReadOnlySpan<char> line, int number)
    {
        var value = line[2..];
        if (line[0] == 'm')
        {
            if (_media.Count == MaxMedia)
            {
                throw new SdpException(
                    SdpErrorCodes.TooManyMedia,
                    string.Create(CultureInfo.InvariantCulture, $"The session description has more than {MaxMedia} media sections. Offer one audio track and one data channel only."));
            }

            _media.Add(ParseMedia(value) ?? throw Malformed(number, line, "is not \"m=<media> <port> <protocol> <formats>\" (RFC 8866 s5.14)"));
        }
        else if (line[0] == 'a')
        {
            var colon = value.IndexOf(':');
            var name = colon < 0 ? value : value[..colon];
            var attributes = _media.Count == 0 ? Attributes : _media[^1].Attributes;
            attributes.Add(name.ToString(), colon < 0 ? string.Empty : value[(colon + 1)..].Trim(' ').ToString());
        }
    }

    private static MediaDescription? ParseMedia(ReadOnlySpan<char> value)
    {
        string? kind = null;
        string? protocol = null;
        var port = -1;
        List<string> formats = [];
        foreach (var range in value.Split(' '))
        {
            var word = value[range];
            if (word.IsEmpty)
            {
                continue;
            }

            if (kind is null)
            {
                kind = word.ToString();
            }
            else if (port < 0)
            {
                // "<port>/<number of ports>" is legal (RFC 8866 s5.14); only the port matters.
                var slash = word.IndexOf('/');
                if (!ushort.TryParse(slash < 0 ? word : word[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
                {
                    return null;
                }

                port = parsed;
            }
            else if (protocol is null)
            {
                protocol = word.ToString();
            }
            else if (formats.Count < MaxFormats)
            {
                formats.Add(word.ToString());
            }
            else
            {
                throw TooLarge(string.Create(CultureInfo.InvariantCulture, $"A media section has more than {MaxFormats} formats."));
            }
        }

        return kind is null || protocol is null || formats.Count == 0 ? null : new MediaDescription(kind, port, protocol, formats);
    }
}
