using System.Buffers.Binary;
using System.Diagnostics;
using AsrHub.Rtc.Crypto.Srtp;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.Interop.Tests.Srtp;

/// <summary>The same packets through our SRTP and through libsrtp, both ways: each must open what the other sealed.</summary>
public sealed class LibsrtpTests
{
    private const int Packets = 300;

    public static TheoryData<SrtpProfile> Profiles => [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1Tag80];

    [PythonTheory("pylibsrtp", "python3-pylibsrtp")]
    [MemberData(nameof(Profiles))]
    public async Task Libsrtp_opens_what_we_seal(SrtpProfile profile)
    {
        var (key, salt) = Keys(profile);
        using var sender = new SrtpSender(profile, key, salt);
        var (plain, lines) = (new List<string>(), new List<string>());
        foreach (var (packet, rtcp) in Traffic())
        {
            var buffer = new byte[packet.Length + SrtpSender.MaxOverhead];
            packet.CopyTo(buffer, 0);
            Assert.Equal(SrtpStatus.Ok, rtcp ? sender.TryProtectRtcp(buffer, packet.Length, out var length) : sender.TryProtectRtp(buffer, packet.Length, out length));
            plain.Add(Convert.ToHexStringLower(packet));
            lines.Add(Line("unprotect", rtcp, profile, key, salt, buffer.AsSpan(0, length)));
        }

        Assert.Equal(plain, await RunAsync(lines));
    }

    [PythonTheory("pylibsrtp", "python3-pylibsrtp")]
    [MemberData(nameof(Profiles))]
    public async Task We_open_what_libsrtp_seals(SrtpProfile profile)
    {
        var (key, salt) = Keys(profile);
        var traffic = Traffic().ToList();
        var answers = await RunAsync([.. traffic.Select(item => Line("protect", item.Rtcp, profile, key, salt, item.Packet))]);
        using var receiver = new SrtpReceiver(profile, key, salt);
        Assert.Equal(traffic.Count, answers.Count);
        for (var i = 0; i < traffic.Count; i++)
        {
            var packet = Convert.FromHexString(answers[i]);
            Assert.Equal(SrtpStatus.Ok, traffic[i].Rtcp ? receiver.TryUnprotectRtcp(packet, out var length) : receiver.TryUnprotectRtp(packet, out length));
            Assert.Equal(traffic[i].Packet, packet[..length]);
        }
    }

    [PythonTheory("pylibsrtp", "python3-pylibsrtp")]
    [MemberData(nameof(Profiles))]
    public async Task Both_refuse_the_same_replayed_and_damaged_packets(SrtpProfile profile)
    {
        var (key, salt) = Keys(profile);
        using var sender = new SrtpSender(profile, key, salt);
        using var receiver = new SrtpReceiver(profile, key, salt);
        var random = new Random(5);
        var (ours, lines) = (new List<bool>(), new List<string>());
        foreach (var (packet, rtcp) in Traffic())
        {
            var buffer = new byte[packet.Length + SrtpSender.MaxOverhead];
            packet.CopyTo(buffer, 0);
            Assert.Equal(SrtpStatus.Ok, rtcp ? sender.TryProtectRtcp(buffer, packet.Length, out var length) : sender.TryProtectRtp(buffer, packet.Length, out length));
            var whole = buffer[..length];
            var damaged = whole.ToArray();
            damaged[random.Next(12, length)] ^= (byte)(1 << random.Next(8));
            foreach (var attempt in new[] { damaged, whole, whole })
            {
                lines.Add(Line("unprotect", rtcp, profile, key, salt, attempt));
                var copy = attempt.ToArray();
                ours.Add((rtcp ? receiver.TryUnprotectRtcp(copy, out _) : receiver.TryUnprotectRtp(copy, out _)) == SrtpStatus.Ok);
            }
        }

        Assert.Equal((await RunAsync(lines)).Select(answer => answer != "refused"), ours);
        Assert.Equal(Enumerable.Repeat(new[] { false, true, false }, ours.Count / 3).SelectMany(pattern => pattern), ours);
    }

    /// <summary>Two sources; sequence numbers across the wrap; sources, extensions and payloads of many lengths; RTCP between.</summary>
    private static IEnumerable<(byte[] Packet, bool Rtcp)> Traffic()
    {
        var random = new Random(11);
        for (var i = 0; i < Packets; i++)
        {
            var contributors = i % 3;
            var extensionWords = i % 5;
            var headerLength = 12 + (4 * contributors) + (extensionWords > 0 ? 4 + (4 * extensionWords) : 0);
            var packet = new byte[headerLength + (i % 200)];
            random.NextBytes(packet);
            packet[0] = (byte)(0x80 | contributors | (extensionWords > 0 ? 0x10 : 0));
            packet[1] = 111;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(65_400 + i));
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), (uint)(i % 7 == 0 ? 1 : 2));
            if (extensionWords > 0)
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12 + (4 * contributors) + 2), (ushort)extensionWords);
            }

            yield return (packet, false);
            if (i % 10 == 0)
            {
                var report = new byte[8 + (4 * (i % 30))];
                random.NextBytes(report);
                report[0] = 0x80;
                report[1] = 201;
                BinaryPrimitives.WriteUInt16BigEndian(report.AsSpan(2), (ushort)((report.Length / 4) - 1));
                yield return (report, true);
            }
        }
    }

    private static (byte[] Key, byte[] Salt) Keys(SrtpProfile profile)
    {
        var parameters = SrtpProfileParameters.Of(profile);
        var (key, salt) = (new byte[parameters.KeyLength], new byte[parameters.SaltLength]);
        var random = new Random(3);
        random.NextBytes(key);
        random.NextBytes(salt);
        return (key, salt);
    }

    private static string Line(string operation, bool rtcp, SrtpProfile profile, byte[] key, byte[] salt, ReadOnlySpan<byte> packet) =>
        $"{operation} {(rtcp ? "rtcp" : "rtp")} {profile} {Convert.ToHexStringLower(key)}{Convert.ToHexStringLower(salt)} {Convert.ToHexStringLower(packet)}";

    private static async Task<List<string>> RunAsync(List<string> lines)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Srtp", "libsrtp_peer.py");
        using var process = Process.Start(new ProcessStartInfo(PythonTheoryAttribute.Interpreter, [script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        foreach (var line in lines)
        {
            await process.StandardInput.WriteLineAsync(line);
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
