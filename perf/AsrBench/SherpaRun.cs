using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.AsrBench;

/// <summary>sherpa-onnx by its npm package, over the model files that we install, one thread, one pass for each half second of the growing clip.</summary>
internal static class SherpaRun
{
    public static async Task<Outcome?> RunAsync(string folder, List<Clip> clips)
    {
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "sherpa-onnx-node")))
        {
            await Console.Error.WriteLineAsync("sherpa-onnx-node is not installed; its row is left out. Run perf/asr-bench, which installs it.");
            return null;
        }

        var work = Directory.CreateTempSubdirectory("asr-bench");
        try
        {
            return await RunAsync(folder, work.FullName, clips);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static async Task<Outcome> RunAsync(string folder, string work, List<Clip> clips)
    {
        var model = Path.Combine(ModelLocator.Root(), "moonshine-tiny");
        var list = new StringBuilder();
        foreach (var clip in clips)
        {
            var file = Path.Combine(work, clip.Name + ".f32");
            await File.WriteAllBytesAsync(file, MemoryMarshal.AsBytes(clip.Samples.AsSpan()).ToArray());
            _ = list.AppendLine(file);
        }

        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        start.Environment["LD_LIBRARY_PATH"] = Directory.GetDirectories(Path.Combine(folder, "node_modules"), "sherpa-onnx-linux-*").FirstOrDefault() ?? "";
        foreach (var argument in (string[])["redecode.mjs", model, work, FormattableString.Invariant($"{Redecoding.Cadence}")])
        {
            start.ArgumentList.Add(argument);
        }

        using var node = Process.Start(start)!;
        await node.StandardInput.WriteAsync(list);
        node.StandardInput.Close();
        var outcome = new Outcome("sherpa-onnx, re-decoding");
        foreach (var clip in clips)
        {
            var line = await node.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("sherpa-onnx ended early; see above.");
            using var json = JsonDocument.Parse(line);
            var shown = new ShownWords();
            var text = "";
            foreach (var pass in json.RootElement.GetProperty("passes").EnumerateArray())
            {
                text = pass.GetProperty("text").GetString()!;
                shown.Show(text, pass.GetProperty("at").GetDouble());
                outcome.Passes++;
            }

            outcome.CpuSeconds += json.RootElement.GetProperty("cpu").GetDouble();
            outcome.Add(clip, text, shown);
        }

        await node.WaitForExitAsync();
        return outcome;
    }
}
