using KlingProxy.Sandbox.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace KlingProxy.Sandbox.Hosting;

/// <summary>Every request passes here: read whole, recorded, then asked for its key, and only then judged by anything else.</summary>
internal sealed class Gate(SandboxOptions options, CallLog calls, Shelf shelf)
{
    private const int BodyKept = 16 * 1024;

    public async Task Enter(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.Server = "KlingProxy-Sandbox";

        var mark = context.GetEndpoint()?.Metadata.GetMetadata<RouteMark>() ?? RouteMark.Unknown;
        var (body, isWhole) = await Read(context.Request);
        var call = Describe(context, mark, body, isWhole);
        calls.Add(call);
        context.Features.Set(new Arrival(call, body));

        if (!isWhole) context.Abort();
        else if (mark.IsPublic || context.Request.Headers.Authorization == $"Key {options.Key}") await next(context);
        else if (context.Request.Headers.Authorization.Count == 0) await context.Response.Detail(401, "Authorization header is required");
        else await context.Response.Detail(401, "No user found for Key ID and Secret");
    }

    private ReceivedCall Describe(HttpContext context, RouteMark mark, ReadOnlyMemory<byte> body, bool isWhole) => new()
    {
        At = options.Wall.GetUtcNow(),
        Operation = mark.Operation,
        IsPublic = mark.IsPublic,
        Method = context.Request.Method,
        PathAndQuery = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        BodyLength = body.Length,
        BodyStart = body[..Math.Min(body.Length, BodyKept)],
        IsWhole = isWhole,
        RequestId = mark.Operation switch
        {
            SandboxOperation.Submit => Guid.CreateVersion7().ToString(),
            SandboxOperation.Media => shelf.Find(context.GetRouteValue("token") as string)?.RequestId,
            _ => context.GetRouteValue("rid") as string,
        },
    };

    private static async Task<(ReadOnlyMemory<byte> Body, bool IsWhole)> Read(HttpRequest request)
    {
        var body = new MemoryStream();
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
