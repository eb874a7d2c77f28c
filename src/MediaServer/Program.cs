using AsrHub.Rtc.MediaServer.CommandLine;

return await AsrHubCommand.RunAsync(args);
