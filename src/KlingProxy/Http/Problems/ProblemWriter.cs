using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace KlingProxy.Http.Problems;

/// <summary>
/// Writes every refusal as problem+json, whatever Accept says. The framework's own writer gives up where a player asks for video or a browser
/// for an event stream, and the refusal leaves without its request id, or as plain text.
/// </summary>
internal sealed class ProblemWriter(IOptions<ProblemDetailsOptions> options, IOptions<JsonOptions> json) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        options.Value.CustomizeProblemDetails?.Invoke(context);
        var shape = json.Value.SerializerOptions.GetTypeInfo(typeof(ProblemDetails));
        return new(context.HttpContext.Response.WriteAsJsonAsync(context.ProblemDetails, shape, "application/problem+json", context.HttpContext.RequestAborted));
    }
}
