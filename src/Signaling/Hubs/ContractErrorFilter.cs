using AsrHub.Rtc.Signaling.Contract;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;

namespace AsrHub.Rtc.Signaling.Hubs;

/// <summary>Turns what a hub method throws into a <see cref="HubException"/> that carries the contract's error object; what nobody foresaw is logged and told as such.</summary>
/// <param name="logger">Log.</param>
public sealed partial class ContractErrorFilter(ILogger<ContractErrorFilter> logger) : IHubFilter
{
    /// <inheritdoc/>
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        ArgumentNullException.ThrowIfNull(invocationContext);
        ArgumentNullException.ThrowIfNull(next);
        try
        {
            return await next(invocationContext);
        }
        catch (ContractException exception)
        {
            throw new HubException(TranscriptEventWriter.ErrorToJson(exception.Error));
        }
        catch (OperationCanceledException) when (invocationContext.Context.ConnectionAborted.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            LogFailure(exception, invocationContext.HubMethodName);
            throw new HubException(TranscriptEventWriter.ErrorToJson(
                ContractException.Server(DoorErrorCodes.InternalError, "The server failed at this request. Try again; its log says more.").Error));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Hub method {Method} failed.")]
    private partial void LogFailure(Exception exception, string method);
}
