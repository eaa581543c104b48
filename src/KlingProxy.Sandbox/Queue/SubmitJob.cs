using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Hosting;

using Microsoft.AspNetCore.Http;

namespace KlingProxy.Sandbox.Queue;

/// <summary><c>POST /fal-ai/kling-video/o3/{tier}/image-to-video</c>, or another endpoint: refused at the door, or a job.</summary>
internal sealed class SubmitJob(SandboxState state)
{
    private const int LastThrottled = 2;

    private readonly ConcurrentDictionary<(string? Webhook, string Input), int> throttled = new();

    public async Task Handle(HttpContext context)
    {
        var received = ReceivedBody.Of(context);
        if (state.EndpointAt(context.Request.Path) is not { } endpoint)
        {
            await context.Response.Detail(404, $"Path {context.Request.Path} not found");
            return;
        }

        var input = JobInput.Read(received.Body, endpoint);
        var name = SandboxFaults.NameIn(input.Prompts);
        var fault = name is null ? state.Fault : SandboxFaults.ByName.TryGetValue(name, out var asked) ? asked : null as SandboxFault?;
        var passes = name is not null && state.Options.FaultsPass;

        if (name is not null && fault is null) await Refuse(context, [UnknownFault(name)]);
        else if (fault is SandboxFault.Rejects) await Refuse(context, [AskedToReject()]);
        else if (fault is SandboxFault.EmptyBalance)
            await context.Response.Detail(403, "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.");
        else if ((fault is SandboxFault.RateLimited && !(passes && IsThroughBy(context.Request, input)))
            || QueueIsTooLong(context.Request)) await Throttle(context);
        else if (fault is SandboxFault.Html502 && !passes) await context.Response.Nginx(502, "Bad Gateway");
        else if (state.Options.ValidatesAtSubmit && input.Errors.Count > 0) await Refuse(context, input.Errors);
        else await Accept(context, Enqueue(context.Request, received.Call.RequestId!, endpoint, input, fault, passes));
    }

    private Job Enqueue(HttpRequest request, string requestId, SandboxEndpoint endpoint, JobInput input, SandboxFault? fault, bool passes)
    {
        var errors = Refusals(input, endpoint, fault);
        var atOnce = fault is SandboxFault.DeliversBeforeReply;
        var accepted = state.Options.Wall.GetUtcNow(); // before the clock is read, or all that follows would be dated later than it is
        var timeline = new Timeline(
            state.Now,
            atOnce ? TimeSpan.Zero : state.Options.QueueTime,
            atOnce || input.Errors.Count > 0 ? TimeSpan.Zero : state.Options.RunTime,
            state.Options.QueueLength)
        {
            Stalls = fault is SandboxFault.Stalls,
            Regresses = fault is SandboxFault.Regresses,
            StartLimit = StartLimit(request.Headers) is var asked && passes && !(asked < state.Options.MaxStall) ? state.Options.MaxStall : asked,
        };

        var job = new Job(requestId, endpoint, input, request.Query["fal_webhook"], fault, timeline, (accepted, state.Options.OnWall)) { Errors = errors };
        state.Jobs.Add(job);
        state.Follower.Follow(job, state.Stopping);
        return job;
    }

    private async Task Accept(HttpContext context, Job job)
    {
        var accepted = job.Timeline.At(job.Timeline.Accepted);

        if (job.Fault is SandboxFault.DeliversBeforeReply) await job.FirstDelivery.Task.WaitAsync(state.Stopping);
        if (job.Fault is SandboxFault.HoldsReply) await Task.Delay(TimeSpan.FromMinutes(1), state.Options.Clock, context.RequestAborted);
        if (job.Fault is SandboxFault.LosesReply)
        {
            context.Abort();
            return;
        }

        if (job.Fault is SandboxFault.Html502)
        {
            await context.Response.Nginx(502, "Bad Gateway"); // the gateway broke, not what stands behind it
            return;
        }

        context.Response.Headers["x-fal-request-id"] = job.RequestId;
        await context.Response.Json(200, StatusJson.OfSubmit(job, accepted, state.Url));
    }

    private IReadOnlyList<JsonObject> Refusals(JobInput input, SandboxEndpoint endpoint, SandboxFault? fault) =>
        input.Errors.Count > 0 ? input.Errors
        : state.LacksFile(input.ImageUrl) ? [ModelError.Documented(endpoint.Image, "Failed to download the file.", "file_download_error")]
        : fault is SandboxFault.CompletesThen422 ? [ModelError.Policy("prompt", "The prompt was rejected.", "model_moderated")]
        : [];

    private static Task Refuse(HttpContext context, IEnumerable<JsonObject> errors)
    {
        context.Response.Headers["x-fal-request-id"] = ReceivedBody.Of(context).Call.RequestId;
        context.Response.Headers["x-fal-billable-units"] = "0";
        return context.Response.Json(422, ModelError.Detail(errors));
    }

    // A submit that is tried again is the same by its input, and by where its end shall be told.
    private bool IsThroughBy(HttpRequest request, JobInput input) =>
        throttled.AddOrUpdate((request.Query["fal_webhook"], input.Json), 1, (_, before) => before + 1) > LastThrottled;

    private static Task Throttle(HttpContext context)
    {
        context.Response.Headers["X-Fal-Needs-Retry"] = "1";
        context.Response.Headers.RetryAfter = "1";
        return context.Response.Detail(429, "Too many requests");
    }

    private bool QueueIsTooLong(HttpRequest request) =>
        int.TryParse(request.Query["fal_max_queue_length"], CultureInfo.InvariantCulture, out var max) && state.Jobs.CountQueued(state.Now) > max;

    // The newer name wins; a value that is no number above its bound is ignored.
    private static TimeSpan? StartLimit(IHeaderDictionary headers) =>
        Seconds(headers["x-fal-request-start-timeout"], above: 0.1) ?? Seconds(headers["x-fal-request-timeout"], above: 1);

    private static TimeSpan? Seconds(string? text, double above) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > above && seconds < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static JsonObject AskedToReject() =>
        ModelError.Of(["body", "prompt"], "The sandbox was asked to reject this request.", "value_error");

    private static JsonObject UnknownFault(string name) => ModelError.Of(
        ["body", "prompt"], $"The sandbox knows no fault '{name}'; it knows {string.Join(", ", SandboxFaults.ByName.Keys)}.", "value_error");
}
