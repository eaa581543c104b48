using System.Security.Cryptography;

namespace KlingProxy.Problems;

/// <summary>One id per request, ours: in the response header, in problems and in logs. A caller's own is ignored, since it could forge a log line.</summary>
internal static class RequestId
{
    public const string Header = "X-Request-Id";

    public static Task Attach(HttpContext context, RequestDelegate next)
    {
        context.TraceIdentifier = "req_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        context.Response.Headers[Header] = context.TraceIdentifier;
        context.Response.OnStarting(static state =>
        {
            var response = (HttpResponse)state;
            response.Headers[Header] = response.HttpContext.TraceIdentifier; // the exception handler clears headers
            response.Headers.XContentTypeOptions = "nosniff";
            if (response.Headers.CacheControl.Count == 0 && response.ContentType is { } type && type.Contains("json", StringComparison.Ordinal))
                response.Headers.CacheControl = "no-store";
            return Task.CompletedTask;
        }, context.Response);
        return next(context);
    }
}
