using System.Security.Cryptography;
using System.Text;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Stun;

namespace AsrHub.Rtc.ClientPeer;

/// <summary>
/// The controlling half of ICE, as far as tests and benches need it: it checks every path it is given, nominates the first that answers (or all, as
/// Firefox does), and keeps consent alive. A pure machine like the server's.
/// </summary>
public sealed class ClientIceAgent
{
    private const int MaxTransmits = 7;

    private readonly ClientIceOptions _options;
    private readonly ulong _tieBreaker = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private readonly List<Pair> _pairs = [];
    private readonly Queue<Datagram> _outgoing = new();
    private byte[] _remoteKey = [];
    private byte[] _username = [];
    private uint _nomination;

    public ClientIceAgent(ClientIceOptions? options = null)
    {
        _options = options ?? new ClientIceOptions();
        LocalCredentials = IceCredentials.Create();
    }

    /// <summary>For the offer.</summary>
    public IceCredentials LocalCredentials { get; private set; }

    /// <summary>The nominated path that answered; null until there is one.</summary>
    public TransportPath? SelectedPath { get; private set; }

    /// <summary>This side's address as the server saw it.</summary>
    public TransportAddress MappedAddress { get; private set; }

    /// <summary>Number of the last STUN error response, else 0.</summary>
    public int LastError { get; private set; }

    /// <summary>How many checks were answered with success.</summary>
    public int Answers { get; private set; }

    public long NextTimeout
    {
        get
        {
            var next = Micros.Never;
            foreach (var pair in _pairs)
            {
                next = Math.Min(next, pair.NextSend);
            }

            return next;
        }
    }

    /// <summary>Makes new local credentials for an ICE restart; <see cref="Start"/> with the new answer goes on from there.</summary>
    public void BeginRestart() => LocalCredentials = IceCredentials.Create();

    /// <summary>Begins to check these paths, with the credentials of the answer.</summary>
    public void Start(IceCredentials remote, IEnumerable<TransportPath> paths, long now)
    {
        _remoteKey = Encoding.ASCII.GetBytes(remote.Password);
        _username = Encoding.ASCII.GetBytes($"{remote.Ufrag}:{LocalCredentials.Ufrag}");
        _pairs.Clear();
        foreach (var path in paths)
        {
            AddPath(path, now);
        }
    }

    /// <summary>Adds one more path, as after a change of network.</summary>
    public void AddPath(TransportPath path, long now) => _pairs.Add(new Pair { Path = path, NextSend = now });

    /// <summary>Nominates a path that has answered, whatever was nominated before.</summary>
    public void Nominate(TransportPath path, long now)
    {
        foreach (var pair in _pairs)
        {
            pair.IsNominated = pair.Path == path;
            if (pair.IsNominated)
            {
                _nomination++;
                pair.Transmits = 0;
                pair.NextSend = now;
            }
        }

        OnTimeout(now);
    }

    public void OnTimeout(long now)
    {
        foreach (var pair in _pairs)
        {
            if (now >= pair.NextSend)
            {
                SendCheck(pair, now);
            }
        }
    }

    /// <summary>Takes a STUN datagram.</summary>
    /// <returns>True for a good answer to a check of ours.</returns>
    public bool Receive(ReadOnlySpan<byte> datagram, TransportPath path, long now)
    {
        if (!StunMessage.TryParse(datagram, out var message) || (message.HasFingerprint && !message.VerifyFingerprint()))
        {
            return false;
        }

        foreach (var pair in _pairs)
        {
            if (pair.Path == path && message.TransactionId.SequenceEqual(pair.TransactionId))
            {
                return ReceiveAnswer(message, pair, now);
            }
        }

        return false;
    }

    public bool TryTransmit(out Datagram datagram) => _outgoing.TryDequeue(out datagram);

    private bool ReceiveAnswer(in StunMessage message, Pair pair, long now)
    {
        if (message.Class == StunClass.Error)
        {
            LastError = message.TryGetErrorCode(out var code) ? code : -1;
            return false;
        }

        if (message.Class != StunClass.Success || !message.VerifyIntegrity(_remoteKey) || !message.TryGetXorMappedAddress(out var mapped))
        {
            return false;
        }

        Answers++;
        MappedAddress = mapped;
        pair.Transmits = 0;
        pair.NextSend = now + _options.ConsentInterval;
        if (pair.SentUseCandidate)
        {
            SelectedPath = pair.Path;
        }
        else if (!AnyNominated() && !_options.NeverNominate)
        {
            pair.IsNominated = true;
            _nomination++;
            pair.NextSend = now;
            OnTimeout(now);
        }

        return true;
    }

    private bool AnyNominated()
    {
        foreach (var pair in _pairs)
        {
            if (pair.IsNominated)
            {
                return true;
            }
        }

        return false;
    }

    private void SendCheck(Pair pair, long now)
    {
        if (pair.Transmits >= MaxTransmits)
        {
            pair.NextSend = now + _options.ConsentInterval;
            pair.Transmits = 0;
            return;
        }

        if (pair.Transmits == 0)
        {
            RandomNumberGenerator.Fill(pair.TransactionId);
        }

        pair.Transmits++;
        pair.NextSend = now + (_options.RetransmitInterval << (pair.Transmits - 1));
        pair.SentUseCandidate = pair.IsNominated || _options.Aggressive;
        var buffer = new byte[256];
        var writer = new StunWriter(buffer, StunClass.Request, StunMessage.BindingMethod, pair.TransactionId);
        writer.Add(StunAttributeType.Username, _username);
        writer.Add(StunAttributeType.IceControlling, _tieBreaker);
        writer.Add(StunAttributeType.Priority, 0x6E7F_1EFFu);
        if (pair.SentUseCandidate)
        {
            writer.Add(StunAttributeType.UseCandidate, []);
            if (_options.Renomination)
            {
                writer.Add(StunAttributeType.Nomination, _nomination);
            }
        }

        writer.AddIntegrity(_remoteKey);
        writer.AddFingerprint();
        _outgoing.Enqueue(new Datagram(buffer.AsMemory(0, writer.Length), pair.Path));
    }

    private sealed class Pair
    {
        public required TransportPath Path { get; init; }

        public byte[] TransactionId { get; } = new byte[12];

        public long NextSend { get; set; }

        public int Transmits { get; set; }

        public bool IsNominated { get; set; }

        public bool SentUseCandidate { get; set; }
    }
}
