using AsrHub.Rtc.MediaServer.Options;
using Microsoft.Extensions.FileProviders;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>Serves the built page.</summary>
internal static class PageFiles
{
    private const string NotBuilt =
        "The page is not built. Start the server with ./run, which builds it, or run \"npm ci && npm run build\" in web-demo, or set WebRoot to its folder.";

    internal static void UsePage(this WebApplication app, AsrHubOptions options)
    {
        var root = HomeFolder.Resolve(options, options.WebRoot);
        if (!File.Exists(Path.Combine(root, "index.html")))
        {
            app.MapGet("/", () => Results.Text(NotBuilt, statusCode: StatusCodes.Status503ServiceUnavailable));
            return;
        }

        var files = new PhysicalFileProvider(root);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,

            // Vite puts a hash into the names below assets/; everything else keeps its name over versions and is asked for anew.
            OnPrepareResponse = static response => response.Context.Response.Headers.CacheControl =
                response.Context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache",
        });
    }
}
