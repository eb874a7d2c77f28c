using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AsrHub.Rtc.Tests.Shared;

/// <summary>A clip with what is said in it.</summary>
public sealed record SpeechClip(string Path, string Text)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The clips of a manifest.</summary>
    /// <param name="manifest">Full path of a <c>manifest.jsonl</c>.</param>
    public static List<SpeechClip> Load(string manifest)
    {
        string folder = System.IO.Path.GetDirectoryName(manifest)!;
        var clips = new List<SpeechClip>();
        foreach (string line in File.ReadLines(manifest))
        {
            using JsonDocument entry = JsonDocument.Parse(line);
            if (entry.RootElement.TryGetProperty("text", out JsonElement text))
            {
                clips.Add(new SpeechClip(System.IO.Path.Combine(folder, entry.RootElement.GetProperty("audio").GetString()!), text.GetString()!));
            }
        }

        return clips;
    }

    /// <summary>Its samples, mono at 16 kHz, by ffmpeg.</summary>
    public float[] Samples()
    {
        return Samples(Path);
    }

    /// <summary>Sound without the silence at its ends, but for 50 ms.</summary>
    /// <param name="samples">Mono samples.</param>
    /// <param name="sampleRate">How many a second.</param>
    public static float[] Trimmed(float[] samples, int sampleRate = 16_000)
    {
        const float Quiet = 0.02f;
        int margin = sampleRate / 20;
        int first = Array.FindIndex(samples, static sample => Math.Abs(sample) > Quiet);
        int last = Array.FindLastIndex(samples, static sample => Math.Abs(sample) > Quiet);
        return samples[Math.Max(0, first - margin)..Math.Min(samples.Length, last + margin)];
    }

    /// <summary>Samples of any audio file, interleaved, by ffmpeg.</summary>
    public static float[] Samples(string path, int sampleRate = 16_000, int channels = 1)
    {
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-v", "error", "-i", path, "-ar", $"{sampleRate}", "-ac", $"{channels}", "-f", "f32le", "-"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        using var bytes = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(bytes);
        process.WaitForExit();
        return process.ExitCode == 0
            ? MemoryMarshal.Cast<byte, float>(bytes.ToArray()).ToArray()
            : throw new InvalidOperationException($"ffmpeg could not read '{path}'.");
    }
}
