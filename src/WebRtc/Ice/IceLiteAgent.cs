using System.Text;
using AsrHub.Rtc.WebRtc.Stun;

namespace AsrHub.Rtc.WebRtc.Ice;

/// <summary>
/// The ICE-lite side of one peer (RFC 8445 s2.5): it never asks, it answers every valid check, and sends where the other side nominated.
/// <para>
/// Contract: <see cref="Receive"/>, <see cref="NoteAuthenticated"/>, <see cref="OnTimeout"/> and <see cref="Restart"/> change it; drain
/// <see cref="TryTransmit"/> after each and read <see cref="State"/> and <see cref="SelectedPath"/>.
/// </para>
/// <code>
/// New --valid check--> Connected &lt;--authenticated packet-- / --silence--> Disconnected --more silence--> Expired
///  '--none in time--> NeverConnected
/// </code>
/// Nothing is changed by a datagram whose MESSAGE-INTEGRITY is not right.
/// </summary>
public sealed class IceLiteAgent
{
    private const int MaxReportedUnknown = 8;

    private readonly IceLiteOptions _options;
    private readonly IceCounters _counters;
    private readonly IcePathTable _paths = new();
    private readonly IceResponseQueue _responses = new();
    private readonly long _startedAt;
    private Generation _current;
    private Generation? _next;
    private long _lastAuthenticated;

    /// <summary>Makes an agent with fresh local credentials.</summary>
    /// <param name="remote">The other side's credentials, from its offer.</param>
    /// <param name="options">Times and bounds.</param>
    /// <param name="now">The moment (see <see cref="Micros"/>).</param>
    public IceLiteAgent(IceCredentials remote, IceLiteOptions options, long now)
    {
        ArgumentNullException.ThrowIfNull(remote);
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _counters = options.Counters ?? new IceCounters();
        _current = new Generation(IceCredentials.Create(options.Shard), remote);
        _startedAt = now;
    }

    /// <summary>What is known of the other side.</summary>
    public IceState State { get; private set; } = IceState.New;

    /// <summary>The credentials to put into the next answer: the newest ones.</summary>
    public IceCredentials LocalCredentials => (_next ?? _current).Local;

    /// <summary>The ufrag before the last restart, for as long as checks may still use it; null when there is none.</summary>
    public string? PreviousLocalUfrag => _next is null ? null : _current.Local.Ufrag;

    /// <summary>
    /// Where to send: the nominated path, or before any nomination the one proved last. Null before the first valid check and once the agent has
    /// given up, when nothing may be sent any more (RFC 7675 s5).
    /// </summary>
    public TransportPath? SelectedPath => HasGivenUp ? null : _paths.Selected;

    /// <summary>How often each result came about.</summary>
    public IceCounters Counters => _counters;

    /// <summary>When <see cref="OnTimeout"/> wants to be called.</summary>
    public long NextTimeout => State switch
    {
        IceState.New => _startedAt + _options.InitialTimeout,
        IceState.Connected => _lastAuthenticated + _options.DisconnectedAfter,
        IceState.Disconnected => _lastAuthenticated + _options.ExpiresAfter,
        _ => Micros.Never,
    };

    private bool HasGivenUp => State is IceState.NeverConnected or IceState.Expired;

    /// <summary>True for a path that an authenticated check has proved: only from such one may DTLS, SRTP and SRTCP be taken.</summary>
    public bool IsValidPath(TransportPath path) => _paths.Contains(path);

    /// <summary>Takes a STUN datagram (first byte 0 to 3, RFC 7983 s7).</summary>
    public IceCheckResult Receive(ReadOnlySpan<byte> datagram, TransportPath path, long now)
    {
        if (HasGivenUp)
        {
            return _counters.Count(IceCheckResult.Closed);
        }

        if (!StunMessage.TryParse(datagram, out var message))
        {
            return _counters.Count(IceCheckResult.Malformed);
        }

        if (message.HasFingerprint && !message.VerifyFingerprint())
        {
            return _counters.Count(IceCheckResult.BadFingerprint);
        }

        if (message.Method != StunMessage.BindingMethod)
        {
            return _counters.Count(IceCheckResult.UnknownMethod);
        }

        if (message.Class != StunClass.Request)
        {
            return _counters.Count(message.Class == StunClass.Indication ? IceCheckResult.Indication : IceCheckResult.UnexpectedResponse);
        }

        return _counters.Count(_responses.IsFull ? IceCheckResult.Overflow : ReceiveRequest(message, path, now));
    }

    /// <summary>Notes that DTLS, SRTP or SRTCP from a valid path was authenticated: it counts as a sign of life, and media shows which nominated path is in use.</summary>
    public void NoteAuthenticated(TransportPath path, long now)
    {
        if (!HasGivenUp && State != IceState.New && _paths.NoteTraffic(path, now))
        {
            NoteAlive(now);
        }
    }

    /// <summary>Moves time on.</summary>
    public void OnTimeout(long now)
    {
        if (State == IceState.New && now - _startedAt >= _options.InitialTimeout)
        {
            State = IceState.NeverConnected;
        }
        else if (State is IceState.Connected or IceState.Disconnected)
        {
            var silence = now - _lastAuthenticated;
            if (silence >= _options.ExpiresAfter)
            {
                State = IceState.Expired;
            }
            else if (silence >= _options.DisconnectedAfter)
            {
                State = IceState.Disconnected;
            }
        }
    }

    /// <summary>Takes the next response to send.</summary>
    /// <param name="datagram">Valid until the next call of <see cref="Receive"/>.</param>
    public bool TryTransmit(out Datagram datagram) => _responses.TryTake(out datagram);

    /// <summary>
    /// Begins an ICE restart (RFC 8445 s9): makes new local credentials. The old ones stay good until the first authenticated request with the
    /// new ones, and media goes on where it went until a new nomination.
    /// </summary>
    /// <param name="remote">The other side's new credentials.</param>
    public void Restart(IceCredentials remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        _next = new Generation(IceCredentials.Create(_options.Shard), remote);
    }

    private IceCheckResult ReceiveRequest(in StunMessage message, TransportPath path, long now)
    {
        if (!message.HasIntegrity || !message.TryGet(StunAttributeType.Username, out var username))
        {
            RespondUnauthenticated(message, path, 400);
            return IceCheckResult.MissingCredentials;
        }

        var generation = _current.IsNamedBy(username) ? _current : _next is not null && _next.IsNamedBy(username) ? _next : null;
        if (generation is null)
        {
            RespondUnauthenticated(message, path, 401);
            return IceCheckResult.WrongUsername;
        }

        if (!message.VerifyIntegrity(generation.Key))
        {
            RespondUnauthenticated(message, path, 401);
            return IceCheckResult.BadIntegrity;
        }

        Span<ushort> unknown = stackalloc ushort[MaxReportedUnknown];
        var unknownCount = FindUnknown(message, unknown);
        if (unknownCount > 0)
        {
            Respond(message, path, generation, 420, unknown[..unknownCount]);
            return IceCheckResult.UnknownAttribute;
        }

        if (message.Has(StunAttributeType.IceControlled))
        {
            Respond(message, path, generation, 487, []);
            return IceCheckResult.RoleConflict;
        }

        if (ReferenceEquals(generation, _next))
        {
            _current = generation;
            _next = null;
            _paths.BeginGeneration();
        }

        _ = message.TryGetUInt32(StunAttributeType.Nomination, out var nomination);
        _paths.NoteCheck(path, message.Has(StunAttributeType.UseCandidate), nomination, now);
        NoteAlive(now);
        Respond(message, path, generation, 0, []);
        return IceCheckResult.Accepted;
    }

    private void NoteAlive(long now)
    {
        _lastAuthenticated = now;
        State = IceState.Connected;
    }

    /// <summary>Answers without MESSAGE-INTEGRITY, as nobody is authenticated (RFC 8489 s9.1.3); never with more bytes than came in.</summary>
    private void RespondUnauthenticated(in StunMessage request, TransportPath path, int code)
    {
        var writer = new StunWriter(_responses.Rent(), StunClass.Error, StunMessage.BindingMethod, request.TransactionId);
        writer.AddErrorCode(code, string.Empty);
        if (request.HasFingerprint)
        {
            writer.AddFingerprint();
        }

        _responses.Commit(writer.Length, path);
    }

    private void Respond(in StunMessage request, TransportPath path, Generation generation, int code, ReadOnlySpan<ushort> unknown)
    {
        var messageClass = code == 0 ? StunClass.Success : StunClass.Error;
        var writer = new StunWriter(_responses.Rent(), messageClass, StunMessage.BindingMethod, request.TransactionId);
        if (code == 0)
        {
            writer.AddXorMappedAddress(path.Remote);
        }
        else
        {
            writer.AddErrorCode(code, string.Empty);
        }

        if (!unknown.IsEmpty)
        {
            writer.AddUnknownAttributes(unknown);
        }

        writer.AddIntegrity(generation.Key);
        writer.AddFingerprint();
        _responses.Commit(writer.Length, path);
    }

    private static int FindUnknown(in StunMessage message, Span<ushort> unknown)
    {
        var count = 0;
        var attributes = message.GetAttributes();
        while (attributes.MoveNext() && count < unknown.Length)
        {
            if (attributes.Type < 0x8000 && !IsKnown((StunAttributeType)attributes.Type))
            {
                unknown[count++] = attributes.Type;
            }
        }

        return count;
    }

    private static bool IsKnown(StunAttributeType type) => type is StunAttributeType.MappedAddress or StunAttributeType.Username or StunAttributeType.MessageIntegrity
        or StunAttributeType.ErrorCode or StunAttributeType.UnknownAttributes or StunAttributeType.Realm or StunAttributeType.Nonce or StunAttributeType.MessageIntegritySha256
        or StunAttributeType.XorMappedAddress or StunAttributeType.Priority or StunAttributeType.UseCandidate;

    /// <summary>One pair of credentials, as the bytes that come in USERNAME (ours first, RFC 8445 s7.2.2) and the key of our password.</summary>
    private sealed class Generation(IceCredentials local, IceCredentials remote)
    {
        private readonly byte[] _username = Encoding.ASCII.GetBytes($"{local.Ufrag}:{remote.Ufrag}");

        public IceCredentials Local { get; } = local;

        public byte[] Key { get; } = Encoding.ASCII.GetBytes(local.Password);

        public bool IsNamedBy(ReadOnlySpan<byte> username) => username.SequenceEqual(_username);
    }
}
