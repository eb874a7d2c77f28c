using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.WebRtc.Tests.Dtls;

/// <summary>A client and a server endpoint joined by a lossless wire in virtual time; the filter sees every datagram before it arrives.</summary>
internal sealed class DtlsPair : IDisposable
{
    public const long Latency = 10 * Micros.Millisecond;

    private readonly DtlsCertificate _clientCertificate = DtlsCertificate.Create();
    private readonly DtlsCertificate _serverCertificate = DtlsCertificate.Create();
    private readonly SslContextHandle? _clientContext;

    public DtlsPair(DtlsOptions? options = null, SdpFingerprint? serverExpects = null, string? clientProfiles = "SRTP_AEAD_AES_128_GCM", bool clientShowsCertificate = true)
    {
        Server = new DtlsEndpoint(DtlsRole.Server, _serverCertificate, serverExpects ?? _clientCertificate.Fingerprint, options);
        _clientContext = _clientCertificate.CreateContext(clientProfiles, clientShowsCertificate);
        Client = new DtlsEndpoint(DtlsRole.Client, _clientContext, _serverCertificate.Fingerprint, options);
    }

    public DtlsEndpoint Server { get; }

    public DtlsEndpoint Client { get; }

    public long Now { get; private set; } = Micros.Second;

    /// <summary>All datagrams so far, in sending order.</summary>
    public List<(bool FromClient, byte[] Data)> Sent { get; } = [];

    /// <summary>What arrives instead of the datagrams sent in one go by one side; all of them by default.</summary>
    public Func<bool, List<byte[]>, IEnumerable<byte[]>> Wire { get; set; } = static (_, datagrams) => datagrams;

    public void Start()
    {
        Server.Start(Now);
        Client.Start(Now);
    }

    /// <summary>Runs until nothing is under way and no timer is set, or the time is up.</summary>
    public void Run(long duration = 60 * Micros.Second)
    {
        var end = Now + duration;
        while (true)
        {
            var moved = Carry(Client, Server) | Carry(Server, Client);
            if (moved)
            {
                Now += Latency;
                continue;
            }

            var next = Math.Min(Client.NextTimeout, Server.NextTimeout);
            if (next == Micros.Never || next > end)
            {
                return;
            }

            Now = Math.Max(Now, next);
            Client.OnTimeout(Now);
            Server.OnTimeout(Now);
        }
    }

    public static List<byte[]> Drain(DtlsEndpoint endpoint)
    {
        var datagrams = new List<byte[]>();
        while (endpoint.TryTransmit(out var datagram))
        {
            datagrams.Add(datagram.ToArray());
        }

        return datagrams;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _clientContext?.Dispose();
        _clientCertificate.Dispose();
        _serverCertificate.Dispose();
    }

    private bool Carry(DtlsEndpoint from, DtlsEndpoint to)
    {
        var datagrams = Drain(from);
        if (datagrams.Count == 0)
        {
            return false;
        }

        var fromClient = ReferenceEquals(from, Client);
        Sent.AddRange(datagrams.Select(d => (fromClient, d)));
        foreach (var datagram in Wire(fromClient, datagrams))
        {
            to.Receive(datagram, Now);
        }

        return true;
    }
}
