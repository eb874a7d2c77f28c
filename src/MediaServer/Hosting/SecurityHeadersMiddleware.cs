namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>Headers that tell the browser what the page may do: its own files alone, the microphone, and nothing in a frame.</summary>
/// <param name="next">The rest of the pipeline.</param>
public sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    // 'unsafe-inline' for styles alone: the level meter sets its height by a style attribute. "data:" and "blob:" are the worklet and pictures that Vite puts inline.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        + "media-src 'self' blob: mediastream:; connect-src 'self' ws: wss:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Handles a request.</summary>
    /// <param name="context">The request.</param>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return next(context);
    }
}
