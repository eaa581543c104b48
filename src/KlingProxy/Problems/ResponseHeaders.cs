using System.Security.Cryptography;

namespace KlingProxy.Problems;

/// <summary>
/// What every response carries. The request id is ours, in the header, in problems and in logs; a caller's own is ignored, since it could
/// forge a log line.
/// </summary>
internal sealed class ResponseHeaders(ServiceMode mode)
{
    public const string RequestId = "X-Request-Id", Mode = "X-KlingProxy-Mode";

    public Task Attach(HttpContext context, RequestDelegate next)
    {
        context.TraceIdentifier = "req_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        context.Response.OnStarting(() => // at the last moment: the exception handler clears headers
        {
            var headers = context.Response.Headers;
            headers[RequestId] = context.TraceIdentifier;
            headers[Mode] = mode.Word;
            headers.XContentTypeOptions = "nosniff";
            if (headers.CacheControl.Count == 0 && context.Response.ContentType is { } type && type.Contains("json", StringComparison.Ordinal))
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(context);
    }
}

/// <summary>Which fal it is: said with every response, so that nobody takes one for the other.</summary>
/// <param name="Word"><c>live</c> or <c>sandbox</c>.</param>
internal sealed record ServiceMode(string Word);
