using Microsoft.Net.Http.Headers;

namespace KlingProxy.Http.Wire;

/// <summary>
/// What every response carries. Every log line of the request says its id, too.
/// </summary>
internal sealed class ResponseHeaders(ServiceMode mode, ILogger<ResponseHeaders> logger)
{
    public const string Mode = "X-KlingProxy-Mode";

    public async Task Attach(HttpContext context, RequestDelegate next)
    {
        context.TraceIdentifier = RequestId.Of(context.Request);
        context.Response.OnStarting(() => // at the last moment: the exception handler clears headers
        {
            var headers = context.Response.Headers;
            headers[RequestId.Header] = context.TraceIdentifier;
            headers[Mode] = mode.Word;
            headers.XContentTypeOptions = "nosniff";
            if (!headers.Vary.ToString().Contains("Origin", StringComparison.OrdinalIgnoreCase))
                headers.Append(HeaderNames.Vary, "Origin"); // a cache may not hand one page the answer that was another's
            if (headers.CacheControl.Count == 0 && context.Response.ContentType is { } type && type.Contains("json", StringComparison.Ordinal))
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        using var scope = RequestScope.Begin(logger, context.TraceIdentifier);
        await next(context);
    }
}

/// <summary>Which fal it is: said with every response, so that nobody takes one for the other.</summary>
/// <param name="Word"><c>live</c> or <c>sandbox</c>.</param>
internal sealed record ServiceMode(string Word)
{
    /// <summary>Whether the start prints keys that work.</summary>
    public bool PrintsKeys { get; init; }
}
