using System.Net;
using System.Text;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Stun;

namespace AsrHub.Rtc.WebRtc.Tests.Ice;

/// <summary>Builds connectivity checks, right ones and wrong ones, and reads the answers.</summary>
internal sealed class Check
{
    public static readonly IceCredentials Remote = new("clientfrag", "client-password-22-chars");

    public StunClass Class { get; init; } = StunClass.Request;

    public ushort Method { get; init; } = StunMessage.BindingMethod;

    public string? Username { get; init; }

    public string? Password { get; init; }

    public bool UseCandidate { get; init; }

    public uint Nomination { get; init; }

    public bool Controlled { get; init; }

    public ushort[] Unknown { get; init; } = [];

    public bool Fingerprint { get; init; } = true;

    public static TransportPath Path(int port, int socket = 0) => new(socket, TransportAddress.From(new IPEndPoint(IPAddress.Parse("203.0.113.5"), port)));

    public static Check For(IceLiteAgent agent, bool useCandidate = false, uint nomination = 0) => new()
    {
        Username = $"{agent.LocalCredentials.Ufrag}:{Remote.Ufrag}",
        Password = agent.LocalCredentials.Password,
        UseCandidate = useCandidate,
        Nomination = nomination,
    };

    public byte[] ToBytes()
    {
        var buffer = new byte[512];
        var writer = new StunWriter(buffer, Class, Method, "transaction!"u8);
        if (Username is not null)
        {
            writer.Add(StunAttributeType.Username, Encoding.ASCII.GetBytes(Username));
        }

        writer.Add(Controlled ? StunAttributeType.IceControlled : StunAttributeType.IceControlling, 7UL);
        writer.Add(StunAttributeType.Priority, 1u);
        if (UseCandidate)
        {
            writer.Add(StunAttributeType.UseCandidate, []);
        }

        if (Nomination > 0)
        {
            writer.Add(StunAttributeType.Nomination, Nomination);
        }

        foreach (var type in Unknown)
        {
            writer.Add((StunAttributeType)type, "x"u8);
        }

        if (Password is not null)
        {
            writer.AddIntegrity(Encoding.ASCII.GetBytes(Password));
        }

        if (Fingerprint)
        {
            writer.AddFingerprint();
        }

        return buffer[..writer.Length];
    }

    /// <summary>The one response that waits; null when there is none.</summary>
    public static Answer? Take(IceLiteAgent agent)
    {
        if (!agent.TryTransmit(out var datagram))
        {
            return null;
        }

        Assert.True(StunMessage.TryParse(datagram.Data.Span, out var message));
        Assert.True(message.TransactionId.SequenceEqual("transaction!"u8));
        _ = message.TryGetErrorCode(out var code);
        _ = message.TryGetXorMappedAddress(out var mapped);
        return new Answer(
            message.Class,
            code,
            mapped,
            datagram.Path,
            message.VerifyIntegrity(Encoding.ASCII.GetBytes(agent.LocalCredentials.Password)),
            message.VerifyFingerprint(),
            message.TryGet(StunAttributeType.UnknownAttributes, out var unknown) ? Convert.ToHexString(unknown) : null,
            datagram.Data.Length);
    }

    internal sealed record Answer(
        StunClass Class, int Code, TransportAddress Mapped, TransportPath Path, bool IsSigned, bool HasFingerprint, string? Unknown, int Length);
}
