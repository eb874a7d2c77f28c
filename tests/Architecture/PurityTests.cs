using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace AsrHub.Rtc.Architecture.Tests;

/// <summary>What the protocol core must not touch, read from what its assembly calls: no sockets, no threads or tasks, no clock of its own.</summary>
public sealed class PurityTests
{
    private static readonly string[] Sockets = ["System.Net.Sockets.Socket", "System.Net.Sockets.UdpClient", "System.Net.Sockets.TcpClient", "System.Net.Sockets.NetworkStream"];

    private static readonly string[] Threads =
    [
        "System.Threading.Tasks.Task", "System.Threading.Tasks.Task`1", "System.Threading.Tasks.ValueTask", "System.Threading.Tasks.ValueTask`1",
        "System.Threading.Thread", "System.Threading.ThreadPool", "System.Threading.Timer", "System.Threading.PeriodicTimer", "System.Timers.Timer",
    ];

    private static readonly string[] Clocks =
    [
        "System.Diagnostics.Stopwatch", "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.Environment.get_TickCount", "System.Environment.get_TickCount64",
    ];

    [Fact]
    public void Protocol_core_opens_no_sockets() => Assert.Equal([], Uses("WebRtc").Intersect(Sockets));

    [Fact]
    public void Protocol_core_starts_no_threads_tasks_or_timers() => Assert.Equal([], Uses("WebRtc").Intersect(Threads));

    [Fact]
    public void Protocol_core_reads_no_clock() => Assert.Equal([], Uses("WebRtc").Intersect(Clocks));

    [Fact]
    public void Keys_and_ciphers_open_no_sockets_and_read_no_clock() => Assert.Equal([], Uses("Crypto").Intersect([.. Sockets, .. Threads, .. Clocks]));

    [Fact]
    public void Transcription_knows_no_network() => Assert.DoesNotContain(Uses("Transcription"), name => name.StartsWith("System.Net.", StringComparison.Ordinal));

    [Fact]
    public void Check_sees_what_is_there() => Assert.Contains("System.Net.Sockets.Socket", Uses("MediaServer"));

    private static HashSet<string> Uses(string project)
    {
        using var stream = File.OpenRead(Assembly.Load("AsrHub.Rtc." + project).Location);
        using var file = new PEReader(stream);
        var metadata = file.GetMetadataReader();
        var uses = new HashSet<string>();
        foreach (var handle in metadata.TypeReferences)
        {
            _ = uses.Add(NameOf(metadata, handle));
        }

        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind == HandleKind.TypeReference)
            {
                _ = uses.Add($"{NameOf(metadata, (TypeReferenceHandle)member.Parent)}.{metadata.GetString(member.Name)}");
            }
        }

        return uses;
    }

    private static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var scope = metadata.GetString(type.Namespace);
        return scope.Length == 0 ? metadata.GetString(type.Name) : $"{scope}.{metadata.GetString(type.Name)}";
    }
}
