using KlingProxy.Sandbox.Platform;
using KlingProxy.Sandbox.Queue;
using KlingProxy.Sandbox.Storage;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace KlingProxy.Sandbox.Hosting;

/// <summary>The paths of queue.fal.run, rest.fal.ai, api.fal.ai and the media host, all on one address.</summary>
internal static class Routes
{
    public static void MapFal(this IEndpointRouteBuilder routes, SandboxState world)
    {
        var (submit, jobs) = (new SubmitJob(world), new ShowJob(world));
        foreach (var endpoint in world.Options.Endpoints.Select(endpoint => $"/{endpoint.Id}").Prepend($"/{SandboxEndpoint.O3App}/o3/{{tier}}/image-to-video"))
        {
            routes.Map(HttpMethods.Post, endpoint, submit.Handle, SandboxOperation.Submit);
            routes.Map($"{endpoint}/requests/{{**rest}}", ShowJob.RefuseFullId);
        }
        foreach (var app in world.Options.Endpoints.Select(endpoint => endpoint.App).Prepend(SandboxEndpoint.O3App).Distinct())
        {
            var request = $"/{app}/requests/{{rid}}";
            routes.Map(HttpMethods.Get, $"{request}/status", jobs.Status, SandboxOperation.Status);
            routes.Map(HttpMethods.Get, $"{request}/status/stream", new StreamStatus(world).Handle, SandboxOperation.Stream);
            routes.Map(HttpMethods.Get, request, jobs.Result, SandboxOperation.Result);
            routes.Map(HttpMethods.Put, $"{request}/cancel", jobs.Cancel, SandboxOperation.Cancel);
        }

        var uploads = new Uploads(world);
        routes.Map(HttpMethods.Post, "/storage/upload/initiate", uploads.Initiate, SandboxOperation.Initiate);
        routes.Map(HttpMethods.Put, "/storage/put/{name}", uploads.Put, SandboxOperation.Put, RouteAuth.Open);
        routes.Map(HttpMethods.Get, "/files/b/{token}/{name}", uploads.Serve, SandboxOperation.Media, RouteAuth.Open);
        routes.Map(HttpMethods.Head, "/files/b/{token}/{name}", uploads.Serve, SandboxOperation.Media, RouteAuth.Open);

        routes.Map(HttpMethods.Get, "/v1/models/requests/by-endpoint", Platform(world, new ListRequests(world).Handle), SandboxOperation.Listing,
            RouteAuth.PlatformKey);
        routes.Map(HttpMethods.Get, "/v1/models/usage", Platform(world, new ShowUsage(world).Handle), SandboxOperation.Usage, RouteAuth.PlatformAdminKey);

        routes.Map(HttpMethods.Get, "/.well-known/jwks.json", context => ShowKeys(context, world), SandboxOperation.Jwks, RouteAuth.Open);
        routes.MapFallback("{**path}", context => context.Response.Detail(404, $"Path {context.Request.Path} not found"));
    }

    private static RequestDelegate Platform(SandboxState world, RequestDelegate handle) =>
        context => world.PlatformFails ? Unavailable(context) : handle(context);

    private static Task Unavailable(HttpContext context) => context.Response.Nginx(503, "Service Temporarily Unavailable");

    private static Task ShowKeys(HttpContext context, SandboxState world) => world.Keys.Fails
        ? Unavailable(context)
        : context.Response.Json(200, world.Keys.Published());

    private static void Map(
        this IEndpointRouteBuilder routes, string method, string pattern, RequestDelegate handle, SandboxOperation operation, RouteAuth door = RouteAuth.Key) =>
        routes.MapMethods(pattern, [method], handle).WithMetadata(new RouteMark(operation, door));
}
