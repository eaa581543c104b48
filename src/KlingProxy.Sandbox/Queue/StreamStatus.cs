using System.Text;
using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Hosting;

using Microsoft.AspNetCore.Http;

namespace KlingProxy.Sandbox.Queue;

/// <summary>Server-sent events: one for each change, comments between, closed after <c>COMPLETED</c>.</summary>
internal sealed class StreamStatus(SandboxState state)
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public async Task Handle(HttpContext context)
    {
        if (state.JobAt(context) is not { } job)
        {
            await context.Response.NotFound();
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["x-fal-request-id"] = job.RequestId;
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, state.Stopping);
        try
        {
            await Write(context.Response, ": sandbox\n\n"u8.ToArray(), closing.Token);
            await WriteEvents(job, context, closing.Token);
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            // The watcher left, or the sandbox is closing.
        }
    }

    private async Task WriteEvents(Job job, HttpContext context, CancellationToken closing)
    {
        var told = 0;
        while (true)
        {
            var now = state.Now;
            var progress = job.Timeline.At(now);
            var logs = ShowJob.WantsLogs(context.Request) ? job.LogsAt(now).Skip(told).ToArray() : null;
            told += logs?.Length ?? 0;

            var status = await StatusJson.Of(job, progress, state.Url, logs is null ? null : new JsonArray([.. logs]));
            await Write(context.Response, Encoding.UTF8.GetBytes($"data: {Encoding.UTF8.GetString(Replies.Utf8(status))}\n\n"), closing);
            if (progress is Progress.Ended || job.Fault is SandboxFault.DropsStream) return;

            while (!await ChangesBeforeHeartbeat(job, job.Timeline.NextChange(now), closing))
                await Write(context.Response, ": ping\n\n"u8.ToArray(), closing);
        }
    }

    private async Task<bool> ChangesBeforeHeartbeat(Job job, DateTimeOffset? change, CancellationToken closing)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(closing, job.Cancelled);
        var changes = state.Options.Clock.Reach(change, over.Token);
        var beats = Task.Delay(Heartbeat, state.Options.Wall, over.Token);

        var first = await Task.WhenAny(changes, beats);
        await over.CancelAsync();
        closing.ThrowIfCancellationRequested();
        return first == changes || job.Cancelled.IsCancellationRequested;
    }

    private static async Task Write(HttpResponse response, byte[] bytes, CancellationToken cancel)
    {
        await response.Body.WriteAsync(bytes, cancel);
        await response.Body.FlushAsync(cancel);
    }
}
