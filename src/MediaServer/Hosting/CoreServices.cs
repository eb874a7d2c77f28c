using AsrHub.Rtc.MediaServer.Options;

namespace AsrHub.Rtc.MediaServer.Hosting;

internal static class CoreServices
{
    internal static void Add(IServiceCollection services, AsrHubOptions options) => throw new OptionsException("The engine is not built in yet.");
}
