using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>Reads the audio of any file that ffmpeg can, as mono PCM at 16 kHz, through a child process and a pipe.</summary>
public static class FfmpegSource
{
    private const int SampleRate = 16_000;
    private const int ComplaintsKept = 20;
    private const int NoSuchFile = 2;

    /// <summary>Reads a file from its start to its end.</summary>
    /// <param name="file">The file.</param>
    /// <param name="skip">Samples at its start that are decoded and dropped, so that the rest are to the sample the same as in a whole run. Where the sound begins later than the file, the silence before it counts.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Its samples; each piece is valid until the next is asked for.</returns>
    /// <exception cref="MediaFileException">The file can't be read, has no audio, or ffmpeg is missing.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<float>> ReadAsync(string file, long skip = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!File.Exists(file))
        {
            throw new MediaFileException(Directory.Exists(file) ? $"{file} is a folder. Name the files in it." : $"{file}: there is no such file. Check its name.");
        }

        // Raw samples carry no times: where the sound begins late, or has a gap, silence takes the place, or all behind it would be told too early. "file:" keeps a name with a colon, or one that begins with a dash, from being taken for a protocol or an option.
        using var ffmpeg = Start(
            "ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-i", "file:" + file, "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", $"{SampleRate}", "-f", "f32le", "pipe:1");
        try
        {
            var complaints = ReadLastLinesAsync(ffmpeg.StandardError, cancellationToken);
            var pcm = ffmpeg.StandardOutput.BaseStream;
            var bytes = new byte[SampleRate * sizeof(float)];
            var samples = new float[SampleRate];
            var total = 0L;
            int read;
            do
            {
                read = await pcm.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken) / sizeof(float);
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(samples);
                var dropped = (int)Math.Clamp(skip - total, 0, read);
                total += read;
                if (read > dropped)
                {
                    yield return samples.AsMemory(dropped, read - dropped);
                }
            }
            while (read == SampleRate);

            await ffmpeg.WaitForExitAsync(cancellationToken);
            var said = await complaints;
            if (ffmpeg.ExitCode != 0 || (total == 0 && said.Count > 0))
            {
                throw new MediaFileException(Explain(file, said));
            }

            if (total < skip)
            {
                throw new MediaFileException(FormattableString.Invariant($"{file} ends at {(double)total / SampleRate:0.0} s, before the place to begin at. Name an earlier one."));
            }
        }
        finally
        {
            if (!ffmpeg.HasExited)
            {
                ffmpeg.Kill();
            }
        }
    }

    /// <summary>How long a file says it is; null where it does not say.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<TimeSpan?> ReadDurationAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            using var ffprobe = Start("ffprobe", "-loglevel", "quiet", "-show_entries", "format=duration", "-of", "default=noprint_wrappers=1:nokey=1", "file:" + file);
            var complaints = ReadLastLinesAsync(ffprobe.StandardError, cancellationToken);
            var answer = await ffprobe.StandardOutput.ReadToEndAsync(cancellationToken);
            _ = await complaints;
            return double.TryParse(answer.Trim(), CultureInfo.InvariantCulture, out var seconds) && seconds > 0 && seconds < 1e8 ? TimeSpan.FromSeconds(seconds) : null;
        }
        catch (MediaFileException)
        {
            return null;
        }
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception exception) when (exception.NativeErrorCode == NoSuchFile)
        {
            throw new MediaFileException("ffmpeg is missing; it reads the files. Install it: apt-get install ffmpeg", exception) { IsFatal = true };
        }
        catch (Win32Exception exception)
        {
            throw new MediaFileException($"{program} does not start: {exception.Message} Check with: {program} -version", exception) { IsFatal = true };
        }
    }

    // A damaged file can make ffmpeg complain for hours; the last lines say what is wrong.
    private static async Task<List<string>> ReadLastLinesAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (lines.Count == ComplaintsKept)
            {
                lines.RemoveAt(0);
            }

            if (!string.IsNullOrWhiteSpace(line))
            {
                lines.Add(line.Trim());
            }
        }

        return lines;
    }

    private static string Explain(string file, List<string> complaints) =>
        complaints.Any(static line => line.Contains("matches no streams", StringComparison.Ordinal))
            ? $"{file}: there is no audio in it. Name a file that has sound."
            : $"{file}: ffmpeg cannot read it: {(complaints.Count > 0 ? complaints[^1] : "it holds no audio")}. Check with: ffmpeg -i FILE -f null -";
}
