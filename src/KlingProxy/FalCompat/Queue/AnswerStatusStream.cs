using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Reading;
using KlingProxy.Jobs.Watching;

namespace KlingProxy.FalCompat.Queue;

/// <summary><c>queue.streamStatus</c>: open until the job has ended. See <see cref="CompatStatusStream"/> for what is said on it.</summary>
internal sealed class AnswerStatusStream(
    OwnRequests requests, JobFeeds feeds, JobFollower follower, CompatLinks links, StreamPlaces streams, TimeProvider time) : IDisposable
{
    /// <summary>fal's own is 15 s, and so is the patience of its client, on a connection that may pass through others with less.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(4);

    private readonly SpreadTimer<LiveStream> beats = new(Heartbeat, time, stream => stream.KeepAlive());

    public async Task<IResult> Answer(CompatOperation.StatusStream call, HttpRequest request, Caller caller, CancellationToken cancel)
    {
        if (await requests.Find(call.Request, caller, cancel) is not { } job)
            return OwnRequests.Missing();
        if (streams.EnterByLink(request.HttpContext, job.CallerId) is { } full)
            return full.Answer();

        var context = request.HttpContext;
        context.Response.Headers[CompatResponse.RequestId] = job.Id.Value;
        EventStream.Describe(context.Response);
        var at = links.Base(request);
        context.GoOnWith(() => Serve(job.Id, new CompatStatusStream(call.Logs, links, at, context.Response.BodyWriter, cancel), follower.Watch(job), context));
        return TypedResults.Empty;
    }

    public void Dispose() => beats.Dispose();

    private async Task Serve(JobId jobId, CompatStatusStream stream, IDisposable follow, HttpContext context)
    {
        using (follow)
        using (beats.Add(stream))
        using (feeds.Join(jobId, stream))
            await stream.Served();
        if (!stream.IsComplete)
            context.Abort(); // an end before COMPLETED would be taken for one; a break is seen as what it is
    }
}
