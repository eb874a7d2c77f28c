using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>Reads any audio or video file as mono PCM at 16 kHz, by ffmpeg as a child process.</summary>
internal static class FfmpegDecoder
{
    internal const int SampleRate = 16_000;
    private const int SamplesPerRead = SampleRate;

    /// <summary>Decodes a file and hands its audio over in order.</summary>
    /// <param name="file">The file.</param>
    /// <param name="write">Takes samples; valid during the call.</param>
    /// <param name="cancellationToken">Ends ffmpeg.</param>
    /// <returns>Samples in the file.</returns>
    /// <exception cref="MediaFileException">The file cannot be read, or ffmpeg is missing.</exception>
    internal static async Task<long> DecodeAsync(string file, Func<ReadOnlyMemory<float>, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        using var ffmpeg = Start(file);
        try
        {
            var complaints = ffmpeg.StandardError.ReadToEndAsync(cancellationToken);
            var samples = await PassOnAsync(ffmpeg.StandardOutput.BaseStream, write, cancellationToken);
            await ffmpeg.WaitForExitAsync(cancellationToken);
            if (ffmpeg.ExitCode != 0 || samples == 0)
            {
                throw new MediaFileException(Explain(file, await complaints));
            }

            return samples;
        }
        finally
        {
            if (!ffmpeg.HasExited)
            {
                ffmpeg.Kill();
            }
        }
    }

    private static Process Start(string file)
    {
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };

        // "file:" keeps a name with a colon, or one that begins with a dash, from being taken for a protocol or an option.
        foreach (var argument in (string[])["-nostdin", "-hide_banner", "-loglevel", "error", "-i", "file:" + file, "-map", "0:a:0", "-ac", "1", "-ar", $"{SampleRate}", "-f", "f32le", "pipe:1"])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception exception)
        {
            throw new MediaFileException("ffmpeg is missing; it reads the files. Install it: apt-get install ffmpeg", exception) { IsFatal = true };
        }
    }

    private static async Task<long> PassOnAsync(Stream pcm, Func<ReadOnlyMemory<float>, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        var bytes = new byte[SamplesPerRead * sizeof(float)];
        long total = 0;
        int read;
        while ((read = await pcm.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken)) >= sizeof(float))
        {
            // A copy of its own: a session may still hold on to the piece when the next one is read.
            var samples = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(0, read)).ToArray();
            total += samples.Length;
            await write(samples, cancellationToken);
        }

        return total;
    }

    private static string Explain(string file, string complaints)
    {
        var lines = complaints.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var last = lines.Length > 0 ? lines[^1] : "it holds no audio";
        return complaints.Contains("matches no streams", StringComparison.Ordinal) ? $"{file}: there is no audio in it." : $"{file}: ffmpeg cannot read it: {last}";
    }
}
