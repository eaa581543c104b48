using System.Text.Json.Nodes;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Http.Problems;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Reading;

namespace KlingProxy.FalCompat.Queue;

/// <summary>
/// <c>queue.streamStatus</c>: an event for each change, its logs only those that are new, a comment in silence, closed after COMPLETED. Written by
/// hand, because the framework's writer knows no comments, and fal's clients would take a heartbeat event for a status.
/// </summary>
internal sealed class AnswerStatusStream(
    OwnRequests requests, IJobStore store, PatientReads reads, JobSignals signals, JobFollower follower, CompatLinks links, StreamPlaces streams,
    IHostApplicationLifetime lifetime)
{
    /// <summary>fal's own is 15 s, and so is the patience of its client, on a connection that may pass through others with less.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(4);

    public async Task<IResult> Answer(CompatOperation.StatusStream call, HttpRequest request, Caller caller, CancellationToken cancel)
    {
        if (await requests.Find(call.Request, caller, cancel) is not { } job)
            return OwnRequests.Missing();
        if (streams.EnterByLink(request.HttpContext, job.CallerId) is { } full)
            return full.Answer();

        request.HttpContext.Response.Headers[CompatResponse.RequestId] = job.Id.Value;
        EventStream.Describe(request.HttpContext.Response);
        return TypedResults.Stream(body => WriteEvents(job, call.Logs, request, body, cancel), "text/event-stream");
    }

    private async Task WriteEvents(Job job, bool logs, HttpRequest request, Stream body, CancellationToken cancel)
    {
        using var watch = signals.On(job.Id); // before the first read, or a change could slip between the two
        using var stopping = lifetime.ApplicationStopping.Register(watch.Wake);
        using var follow = follower.Watch(job);

        var (said, told) = ((Word: "", Position: default(long?)), 0);
        while (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            var (answered, current) = await reads.Try(job.Id, () => store.Find(job.Id, cancel), cancel);
            if (answered && current is null)
                break; // deleted
            job = current ?? job;
            var say = (Word: CompatStatusBody.Word(job.Status), Position: job.QueuePosition);
            if (say != said || (logs && say.Word != "IN_QUEUE" && CompatStatusBody.LinesOf(job) > told))
            {
                await Write(body, Event(links.AddTo(CompatStatusBody.Of(job, logs, told), request, job)), cancel);
                said = say;
                if (say.Word != "IN_QUEUE")
                    told = CompatStatusBody.LinesOf(job);
            }
            else
            {
                await Write(body, ": \n\n"u8.ToArray(), cancel);
            }
            if (job.HasEnded)
                return;
            await watch.Next(answered ? Heartbeat : PatientReads.Pause, cancel);
        }
        request.HttpContext.Abort(); // an end before COMPLETED would be taken for one; a break is seen as what it is
    }

    private static byte[] Event(JsonObject status) => [.. "data: "u8, .. CompatResponse.Utf8(status), .. "\n\n"u8];

    private static async Task Write(Stream body, byte[] bytes, CancellationToken cancel)
    {
        await body.WriteAsync(bytes, cancel);
        await body.FlushAsync(cancel);
    }
}
