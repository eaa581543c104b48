using KlingProxy.Sandbox;

using Microsoft.Net.Http.Headers;

using RangeHeaderValue = System.Net.Http.Headers.RangeHeaderValue; // the framework has one of its own

namespace KlingProxy.Startup;

/// <summary>
/// The Sandbox listens on this machine alone. With a <c>PublicUrl</c> its videos have addresses there, and are passed on from here, as fal's media hosts are
/// open to all.
/// </summary>
internal static class SandboxFilms
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

    public static void MapSandboxFilms(this IEndpointRouteBuilder routes, FalSandbox? sandbox)
    {
        if (sandbox is not null)
            routes.MapMethods("/files/b/{token}/{name}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context) => PassOn(context, sandbox))
                .AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task PassOn(HttpContext context, FalSandbox sandbox)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(sandbox.Url, context.Request.Path));
        if (RangeHeaderValue.TryParse(context.Request.Headers.Range, out var range))
            request.Headers.Range = range;
        using var reply = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);

        context.Response.StatusCode = (int)reply.StatusCode;
        foreach (var name in new[] { HeaderNames.ContentType, HeaderNames.ContentLength, HeaderNames.ContentRange })
            if (reply.Content.Headers.TryGetValues(name, out var values))
                context.Response.Headers[name] = values.ToArray();
        context.Response.Headers.AcceptRanges = "bytes";
        if (!HttpMethods.IsHead(context.Request.Method))
            await reply.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
