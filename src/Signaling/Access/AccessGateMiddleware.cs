using AsrHub.Rtc.Signaling.Contract;
using Microsoft.AspNetCore.Http;

namespace AsrHub.Rtc.Signaling.Access;

/// <summary>Puts the gate before every door; the page itself and <c>/healthz</c> are open.</summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="gate">Who may pass.</param>
public sealed class AccessGateMiddleware(RequestDelegate next, AccessGate gate)
{
    private static readonly PathString[] Doors = ["/hubs", "/v1", "/whip"];

    /// <summary>Handles a request.</summary>
    /// <param name="context">The request.</param>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        foreach (var door in Doors)
        {
            if (context.Request.Path.StartsWithSegments(door) && gate.Judge(context, out var status) is { } error)
            {
                context.Response.StatusCode = status;
                context.Response.ContentType = "application/json";
                return context.Response.WriteAsync(TranscriptEventWriter.ErrorToJson(error), context.RequestAborted);
            }
        }

        return next(context);
    }
}
