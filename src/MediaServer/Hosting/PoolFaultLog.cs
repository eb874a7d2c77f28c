using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>Writes what goes wrong with recognizers to the log.</summary>
/// <param name="logger">The log.</param>
internal sealed partial class PoolFaultLog(ILogger logger)
{
    internal void Tell(PoolFault fault) => LogFault(fault.Exception, fault.Model, fault.What);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model {Model}: {What}")]
    private partial void LogFault(Exception? exception, string model, string what);
}
