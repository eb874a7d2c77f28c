using System.CommandLine;

namespace AsrHub.Rtc.MediaServer.CommandLine;

internal static class TranscribeCommand
{
    internal static Command Create(SettingOptions settings)
    {
        var command = new Command("transcribe", "Writes down what is said in audio or video files");
        command.SetAction((parsed, _) => AsrHubCommand.WithSettingsAsync(parsed, settings, _ => Task.FromResult(0)));
        return command;
    }
}
