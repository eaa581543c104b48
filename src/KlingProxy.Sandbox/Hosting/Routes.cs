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
    public static void MapFal(this IEndpointRouteBuilder routes, SandboxState state)
    {
        var (submit, jobs) = (new SubmitJob(state), new ShowJob(state));
        foreach (var endpoint in state.Options.Endpoints.Select(endpoint => $"/{endpoint.Id}").Prepend($"/{SandboxEndpoint.O3App}/o3/{{tier}}/image-to-video"))
        {
            routes.Map(HttpMethods.Post, endpoint, submit.Handle, SandboxOperation.Submit);
            routes.Map($"{endpoint}/requests/{{**rest}}", ShowJob.RefuseFullId);
        }
        foreach (var app in state.Options.Endpoints.Select(endpoint => endpoint.App).Prepend(SandboxEndpoint.O3App).Distinct())
        {
            var request = $"/{app}/requests/{{rid}}";
            routes.Map(HttpMethods.Get, $"{request}/status", jobs.Status, SandboxOperation.Status);
            routes.Map(HttpMethods.Get, $"{request}/status/stream", new StreamStatus(state).Handle, SandboxOperation.Stream);
            routes.Map(HttpMethods.Get, request, jobs.Result, SandboxOperation.Result);
            routes.Map(HttpMethods.Put, $"{request}/cancel", jobs.Cancel, SandboxOperation.Cancel);
        }

        var uploads = new Uploads(state);
        routes.Map(HttpMethods.Post, "/storage/upload/initiate", uploads.Initiate, SandboxOperation.Initiate);
        routes.Map(HttpMethods.Put, "/storage/put/{name}", uploads.Put, SandboxOperation.Put, RouteAuth.Open);
        routes.Map(HttpMethods.Get, "/files/b/{token}/{name}", uploads.Serve, SandboxOperation.Media, RouteAuth.Open);
        routes.Map(HttpMethods.Head, "/files/b/{token}/{name}", uploads.Serve, SandboxOperation.Media, RouteAuth.Open);

        routes.Map(HttpMethods.Get, "/v1/models/requests/by-endpoint", Platform(state, new ListRequests(state).Handle), SandboxOperation.Listing,
            RouteAuth.PlatformKey);
        routes.Map(HttpMethods.Get, "/v1/models/usage", Platform(state, new ShowUsage(state).Handle), SandboxOperation.Usage, RouteAuth.PlatformAdminKey);

        routes.Map(HttpMethods.Get, "/.well-known/jwks.json", context => ShowKeys(context, state), SandboxOperation.Jwks, RouteAuth.Open);
        routes.MapFallback("{**path}", context => context.Response.Detail(404, $"Path {context.Request.Path} not found"));
    }

    private static RequestDelegate Platform(SandboxState state, RequestDelegate handle) =>
        context => state.PlatformFails ? Unavailable(context) : handle(context);

    private static Task Unavailable(HttpContext context) => context.Response.Nginx(503, "Service Temporarily Unavailable");

    private static Task ShowKeys(HttpContext context, SandboxState state) => state.Keys.Fails
        ? Unavailable(context)
        : context.Response.Json(200, state.Keys.Published());

    private static void Map(
        this IEndpointRouteBuilder routes, string method, string pattern, RequestDelegate handle, SandboxOperation operation, RouteAuth door = RouteAuth.Key) =>
        routes.MapMethods(pattern, [method], handle).WithMetadata(new RouteMark(operation, door));
}
