using System.Globalization;
using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Hosting;

using Microsoft.AspNetCore.Http;

namespace KlingProxy.Sandbox.Queue;

/// <summary>Status, result and cancellation of a job.</summary>
internal sealed class ShowJob(SandboxState state)
{
    public async Task Status(HttpContext context)
    {
        if (Find(context) is not { } job)
        {
            await context.Response.NotFound();
            return;
        }

        var now = state.Now;
        var progress = job.Timeline.At(now);
        var logs = WantsLogs(context.Request) ? new JsonArray([.. job.LogsAt(now)]) : null;
        var body = await StatusJson.Of(job, progress, state.Url, logs);
        await context.Response.Json(progress is Progress.Ended ? 200 : 202, body);
    }

    public async Task Result(HttpContext context)
    {
        if (Find(context) is not { } job)
        {
            await context.Response.NotFound();
            return;
        }

        if (job.Timeline.At(state.Now) is not Progress.Ended { How: var ending })
        {
            await context.Response.Detail(400, "Request is still in progress");
            return;
        }

        if (ending is Ending.Finished && job.OwesGatewayTimeout())
        {
            context.Response.Headers.Remove("x-fal-request-id"); // nginx answers, not fal's gateway
            await context.Response.Nginx(504, "Gateway Time-out");
            return;
        }

        var answer = await job.AnswerTo(ending);
        var headers = context.Response.Headers;
        if (answer.Units is { } units) headers["x-fal-billable-units"] = job.Fault is SandboxFault.BillsNonsense
            ? "NaN"
            : units.ToString(CultureInfo.InvariantCulture);
        if (answer.ErrorType is not null) headers["X-Fal-Error-Type"] = answer.ErrorType;
        if (ending is Ending.TimedOut) headers["X-Fal-Request-Timeout-Type"] = "user";
        await context.Response.Json(answer.Status, answer.Body);
    }

    public Task Cancel(HttpContext context)
    {
        if (Find(context) is not { } job) return context.Response.NotFound();

        var (status, word) = job.Cancel(state.Now) switch
        {
            Progress.Queued => (200, "OK"),
            Progress.Running => (202, "CANCELLATION_REQUESTED"),
            _ => (400, "ALREADY_COMPLETED"),
        };
        return context.Response.Json(status, new JsonObject { ["status"] = word });
    }

    /// <summary>With the full endpoint id in the path fal knows neither status nor result.</summary>
    public static Task RefuseFullId(HttpContext context) => context.Response.Detail(405, "Method Not Allowed");

    public static bool WantsLogs(HttpRequest request) => request.Query["logs"] is [("1" or "true")];

    private Job? Find(HttpContext context)
    {
        var job = state.JobAt(context);
        if (job is not null) context.Response.Headers["x-fal-request-id"] = job.RequestId;
        return job;
    }
}
