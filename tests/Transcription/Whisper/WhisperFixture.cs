using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

/// <summary>The shared export, loaded once for a class of tests from a folder of links, so that nothing is written beside the original.</summary>
public sealed class WhisperFixture : IDisposable
{
    public const string Export = "models/whisper-base";

    private readonly string _folder = Directory.CreateTempSubdirectory("whisper-").FullName;
    private readonly Lazy<WhisperModel> _model;

    public WhisperFixture()
    {
        if (SharedData.Find(Export) is not null)
        {
            Link();
        }

        _model = new(() => WhisperModel.Load(Folder));
    }

    public WhisperModel Model => _model.Value;

    public string Folder => Path.Combine(_folder, "whisper-base");

    public void Dispose()
    {
        if (_model.IsValueCreated)
        {
            _model.Value.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private void Link()
    {
        _ = Directory.CreateDirectory(Path.Combine(Folder, "onnx"));
        foreach (string file in (ReadOnlySpan<string>)["config.json", "generation_config.json", "tokenizer.json", "preprocessor_config.json"])
        {
            _ = File.CreateSymbolicLink(Path.Combine(Folder, file), SharedData.Find($"{Export}/{file}")!);
        }

        foreach (string file in Directory.GetFiles(SharedData.Find($"{Export}/onnx")!, "*.onnx"))
        {
            _ = File.CreateSymbolicLink(Path.Combine(Folder, "onnx", Path.GetFileName(file)), file);
        }
    }
}
