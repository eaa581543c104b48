using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace KlingProxy.Http.Problems;

/// <summary>
/// Writes every refusal as problem+json, whatever Accept says, unless its door has a form of its own. The framework's own writer gives up where a player asks
/// for video or a browser for an event stream, and the refusal leaves without its request id, or as plain text.
/// </summary>
internal sealed class ProblemWriter(IOptions<ProblemDetailsOptions> options, IOptions<JsonOptions> json,
    IEnumerable<IRefusalForm> forms) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        options.Value.CustomizeProblemDetails?.Invoke(context);
        try
        {
            await Write(context);
        }
        catch (OperationCanceledException) when (context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // Its caller has hung up: nobody reads it, and the exception handler would take it for a failure of its own.
        }
    }

    private Task Write(ProblemDetailsContext context)
    {
        if (forms.FirstOrDefault(form => form.IsOf(context.HttpContext)) is { } own)
            return own.Write(context);
        var shape = json.Value.SerializerOptions.GetTypeInfo(typeof(ProblemDetails));
        return context.HttpContext.Response.WriteAsJsonAsync(context.ProblemDetails, shape, "application/problem+json", context.HttpContext.RequestAborted);
    }
}
