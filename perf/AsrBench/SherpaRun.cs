using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.AsrBench;

/// <summary>
/// sherpa-onnx by its npm package, over the model files that we install, one thread, one pass for each half second of the growing clip. It takes clip by clip in turn with ours, so that
/// both have the same hours of a machine that others share.
/// </summary>
internal sealed class SherpaRun : IAsyncDisposable
{
    private readonly DirectoryInfo _work = Directory.CreateTempSubdirectory("asr-bench");
    private readonly Process _node;

    private SherpaRun(string folder)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        start.Environment["LD_LIBRARY_PATH"] = Directory.GetDirectories(Path.Combine(folder, "node_modules"), "sherpa-onnx-linux-*").FirstOrDefault() ?? "";
        foreach (var argument in (string[])["redecode.mjs", Path.Combine(ModelLocator.Root(), "moonshine-tiny"), _work.FullName, FormattableString.Invariant($"{Redecoding.Cadence}")])
        {
            start.ArgumentList.Add(argument);
        }

        _node = Process.Start(start)!;
    }

    public Outcome Outcome { get; } = new("sherpa-onnx, re-decoding");

    /// <summary>Starts it; null where it is not installed.</summary>
    public static SherpaRun? Start(string folder)
    {
        if (Directory.Exists(Path.Combine(folder, "node_modules", "sherpa-onnx-node")))
        {
            return new SherpaRun(folder);
        }

        Console.Error.WriteLine("sherpa-onnx-node is not installed; its row is left out. Run perf/asr-bench, which installs it.");
        return null;
    }

    public async Task RunAsync(Clip clip)
    {
        var file = Path.Combine(_work.FullName, clip.Name + ".f32");
        await File.WriteAllBytesAsync(file, MemoryMarshal.AsBytes(clip.Samples.AsSpan()).ToArray());
        await _node.StandardInput.WriteLineAsync(file);
        await _node.StandardInput.FlushAsync();
        var line = await _node.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("sherpa-onnx ended early; see above.");
        using var json = JsonDocument.Parse(line);
        var shown = new ShownWords();
        var text = "";
        foreach (var pass in json.RootElement.GetProperty("passes").EnumerateArray())
        {
            text = pass.GetProperty("text").GetString()!;
            shown.Show(text, pass.GetProperty("at").GetDouble());
            Outcome.Passes++;
        }

        Outcome.CpuSeconds += json.RootElement.GetProperty("cpu").GetDouble();
        Outcome.Add(clip, text, shown);
    }

    public async ValueTask DisposeAsync()
    {
        _node.StandardInput.Close();
        await _node.WaitForExitAsync();
        _node.Dispose();
        _work.Delete(recursive: true);
    }
}
