using KlingProxy.Sandbox.Storage;

using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace KlingProxy.Sandbox.Hosting;

/// <summary>Every request passes here: read whole, recorded, then asked for its key, and only then judged by anything else.</summary>
internal sealed class RequestRecorder(SandboxOptions options, CallLog calls, FileStore files)
{
    private const int BodyKept = 16 * 1024;

    public async Task Enter(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.Server = "KlingProxy-Sandbox";

        var mark = context.GetEndpoint()?.Metadata.GetMetadata<RouteMark>() ?? RouteMark.Unknown;
        var (body, isWhole) = await Read(context.Request);
        var call = Describe(context, mark, body, isWhole);
        calls.Add(call);
        context.Features.Set(new ReceivedBody(call, body));

        if (!isWhole) context.Abort();
        else if (Opens(mark.Auth, context.Request.Headers.Authorization)) await next(context);
        else await Refuse(context, mark.Auth);
    }

    private bool Opens(RouteAuth door, string? credential) => door switch
    {
        RouteAuth.Open => true,
        RouteAuth.PlatformAdminKey => credential == $"Key {options.AdminKey}",
        _ => credential == $"Key {options.Key}",
    };

    private Task Refuse(HttpContext context, RouteAuth door) => (door, context.Request.Headers.Authorization.ToString()) switch
    {
        // The form is documented for every refusal; the words for an ordinary key are not.
        (RouteAuth.PlatformAdminKey, var credential) when Opens(RouteAuth.Key, credential) =>
            context.Response.PlatformError(403, "authorization_error", "Admin API key required"),
        (RouteAuth.PlatformKey or RouteAuth.PlatformAdminKey, _) => context.Response.PlatformError(401, "authorization_error", "Authentication required"),
        (_, "") => context.Response.Detail(401, "Authorization header is required"),
        _ => context.Response.Detail(401, "No user found for Key ID and Secret"),
    };

    private ReceivedCall Describe(HttpContext context, RouteMark mark, ReadOnlyMemory<byte> body, bool isWhole) => new()
    {
        At = options.Wall.GetUtcNow(),
        Operation = mark.Operation,
        IsPublic = mark.Auth is RouteAuth.Open,
        Method = context.Request.Method,
        PathAndQuery = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        BodyLength = body.Length,
        BodyStart = body[..Math.Min(body.Length, BodyKept)],
        IsWhole = isWhole,
        RequestId = mark.Operation switch
        {
            SandboxOperation.Submit => Guid.CreateVersion7().ToString(),
            SandboxOperation.Listing => context.Request.Query["request_id"],
            SandboxOperation.Media => files.Find(context.GetRouteValue("token") as string)?.RequestId,
            _ => context.GetRouteValue("rid") as string,
        },
    };

    private static async Task<(ReadOnlyMemory<byte> Body, bool IsWhole)> Read(HttpRequest request)
    {
        var body = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, Server.MaxBodyBytes));
        try
        {
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            return (body.GetBuffer().AsMemory(0, (int)body.Length), true);
        }
        catch (Exception error) when (error is BadHttpRequestException or ConnectionAbortedException or ConnectionResetException or OperationCanceledException)
        {
            return (body.GetBuffer().AsMemory(0, (int)body.Length), false);
        }
    }
}
