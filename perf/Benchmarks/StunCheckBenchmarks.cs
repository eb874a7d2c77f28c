using System.Net;
using System.Text;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Stun;
using BenchmarkDotNet.Attributes;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>A connectivity check as a browser sends it every 2.5 s, from datagram to response, and what a stranger's one costs; 0 B each.</summary>
[MemoryDiagnoser]
public class StunCheckBenchmarks
{
    private readonly TransportPath _path = new(0, TransportAddress.From(new IPEndPoint(IPAddress.Parse("203.0.113.5"), 50_000)));
    private readonly IceCredentials _remote = IceCredentials.Create();
    private IceLiteAgent _agent = null!;
    private byte[] _check = [];
    private byte[] _forged = [];

    [GlobalSetup]
    public void Write()
    {
        _agent = new IceLiteAgent(_remote, IceLiteOptions.Default, 0);
        _check = WriteCheck(_agent.LocalCredentials.Password);
        _forged = WriteCheck("a-password-nobody-gave-it");
    }

    [Benchmark]
    public int AnswerCheck() => Run(_check);

    [Benchmark]
    public int RefuseForgedCheck() => Run(_forged);

    [Benchmark]
    public bool FindUfrag() => IceDemux.TryGetLocalUfrag(_check, out var ufrag) && IceDemux.TryGetKey(ufrag, out _);

    private int Run(byte[] datagram)
    {
        _ = _agent.Receive(datagram, _path, 1);
        return _agent.TryTransmit(out var response) ? response.Data.Length : 0;
    }

    private byte[] WriteCheck(string password)
    {
        var buffer = new byte[256];
        var writer = new StunWriter(buffer, StunClass.Request, StunMessage.BindingMethod, new byte[12]);
        writer.Add(StunAttributeType.Username, Encoding.ASCII.GetBytes($"{_agent.LocalCredentials.Ufrag}:{_remote.Ufrag}"));
        writer.Add(StunAttributeType.IceControlling, 1UL);
        writer.Add(StunAttributeType.UseCandidate, []);
        writer.Add(StunAttributeType.Priority, 1u);
        writer.AddIntegrity(Encoding.ASCII.GetBytes(password));
        writer.AddFingerprint();
        return buffer[..writer.Length];
    }
}
