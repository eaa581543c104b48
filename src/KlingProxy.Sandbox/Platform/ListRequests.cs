using KlingProxy.Sandbox.Hosting;

using Microsoft.AspNetCore.Http;

namespace KlingProxy.Sandbox.Platform;

/// <summary><c>GET /v1/models/requests/by-endpoint</c>: what has ended, newest first. Whether fal lists running requests is not documented.</summary>
internal sealed class ListRequests(SandboxState state)
{
    public async Task Handle(HttpContext context)
    {
        var query = new PlatformQuery(context.Request.Query);
        var endpoints = query.Endpoints(min: 1);
        var page = query.Page(max: 100);
        var id = query.RequestId();
        var window = query.Window(otherwiseFrom: state.Options.Wall.GetUtcNow().AddDays(id is null ? -1 : -90));
        var status = query.OneOf("status", "success", "error", "user_error");
        var byDuration = query.OneOf("sort_by", "ended_at", "duration") is "duration";
        var withPayloads = query.Several("expand").Contains("payloads");

        if (query.Wrong is { } wrong)
        {
            await context.Response.PlatformError(400, "validation_error", wrong);
            return;
        }

        var now = state.Now;
        var ended = state.Jobs.All.Reverse().Where(job =>
            endpoints.Contains(job.Endpoint.Id)
            && (id is null || id.Equals(job.RequestId, StringComparison.OrdinalIgnoreCase))
            && job.EndedBy(now) is { } end && window.Holds(end));
        var found = (await Task.WhenAll(ended.Select(EndedRequest.Of))).Where(request => status is null || status == request.Status);
        var sorted = byDuration ? found.OrderByDescending(request => request.Duration) : found.OrderByDescending(request => request.Ended);
        await context.Response.Json(200, page.Of("items", [.. sorted], request => request.Json(withPayloads)));
    }
}
