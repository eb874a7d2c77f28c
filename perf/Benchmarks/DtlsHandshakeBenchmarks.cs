using System.Diagnostics;
using AsrHub.Rtc.WebRtc.Dtls;
using BenchmarkDotNet.Attributes;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>A whole DTLS handshake with certificates on both sides; the server's part, budget 1 ms, is printed at the end.</summary>
[MemoryDiagnoser]
public class DtlsHandshakeBenchmarks
{
    private readonly DtlsCertificate _certificate = DtlsCertificate.Create();
    private long _serverTicks;
    private long _handshakes;

    [Benchmark]
    public bool BothSides()
    {
        var begun = Stopwatch.GetTimestamp();
        using var server = new DtlsEndpoint(DtlsRole.Server, _certificate, _certificate.Fingerprint);
        server.Start(0);
        _serverTicks += Stopwatch.GetTimestamp() - begun;
        using var client = new DtlsEndpoint(DtlsRole.Client, _certificate, _certificate.Fingerprint);
        client.Start(0);
        while (client.TryTransmit(out var datagram))
        {
            begun = Stopwatch.GetTimestamp();
            server.Receive(datagram.Span, 0);
            _serverTicks += Stopwatch.GetTimestamp() - begun;
            while (server.TryTransmit(out var answer))
            {
                client.Receive(answer.Span, 0);
            }
        }

        _handshakes++;
        return server.State == DtlsState.Connected && client.State == DtlsState.Connected ? true : throw new InvalidOperationException("The handshake failed.");
    }

    [GlobalCleanup]
    public void Report()
    {
        Console.WriteLine($"// Server part of a handshake: {Stopwatch.GetElapsedTime(0, _serverTicks).TotalMicroseconds / _handshakes:F0} us over {_handshakes} handshakes.");
        _certificate.Dispose();
    }
}
