using System.Net.Sockets;
using System.Runtime.InteropServices;
using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;

namespace AsrHub.Rtc.MediaServer.CommandLine;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    internal static async Task<int> RunAsync(AsrHubOptions options, Func<AsrHubOptions> readAgain)
    {
        await using var engine = await Engine.LoadAsync(options, CancellationToken.None);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Reload(engine, readAgain);
        });
        try
        {
            await using var app = ServerApplication.Build(options, services => CoreServices.Add(services, options, engine));
            engine.LogTo(app.Services.GetRequiredService<ILogger<Engine>>());
            await app.StartAsync();
            await Console.Out.WriteLineAsync(StartMessage.For(app));
            await app.Services.GetRequiredService<DrainingLifetime>().Asked;
            await app.StopAsync();
            return 0;
        }
        catch (EdgeException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            await Console.Error.WriteLineAsync($"The server cannot listen: {exception.Message} Stop what uses the port, or choose another with --port, --https-port or --media-port.");
        }

        return AsrHubCommand.ExitUnavailable;
    }

    private static void Reload(Engine engine, Func<AsrHubOptions> readAgain)
    {
        try
        {
            engine.Apply(readAgain());
            Console.Error.WriteLine("The settings of the section Pool were read again.");
        }
        catch (OptionsException exception)
        {
            Console.Error.WriteLine($"The settings are wrong and were left as they were: {exception.Message}");
        }
    }
}
