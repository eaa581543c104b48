using System.Collections.Concurrent;
using System.Text.Json;

namespace KlingProxy.Jobs;

/// <summary>
/// Which requests for a video wait for their answer on this process's living connections. One that loses its connection leaves a job that
/// its caller does not know; the next request with the same body gets that job instead of a second one. What a dead process was
/// answering is in nobody's memory, and so adopted too.
/// </summary>
internal sealed partial class OpenAnswers(IJobStore store, TimeProvider time, ILogger<OpenAnswers> logger)
{
    /// <summary>How long after a broken connection the same body is the same wish.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <summary>A client's second connection can be faster than the news of its first one's end.</summary>
    private static readonly TimeSpan NewsOfABrokenConnection = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, OpenAnswer> open = new();

    /// <summary>Waits for the fate of the same caller's same request, if one is being answered here.</summary>
    public async Task<UnansweredBody> Identify(string callerId, JsonElement body, CancellationToken cancel)
    {
        var fingerprint = CanonicalJson.Fingerprint(body);
        var same = open.Values.Where(answer => answer.CallerId == callerId && answer.Fingerprint.SequenceEqual(fingerprint)).Select(answer => answer.Settled.Task).ToList();
        if (same.Count > 0)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await Task.WhenAny(Task.WhenAll(same), Task.Delay(NewsOfABrokenConnection, time, enough.Token));
            await enough.CancelAsync();
        }
        return new UnansweredBody(fingerprint, open.ContainsKey, time.GetUtcNow());
    }

    /// <summary>This request's answer will name this job. It is open until it is written, or the connection gone.</summary>
    public void Expect(HttpContext context, Job job, UnansweredBody body)
    {
        var answer = open[job.Id] = new OpenAnswer(job.CallerId, body.Fingerprint);
        context.RequestAborted.Register(() => Settle(job.Id, answer));
        context.Response.OnCompleted(() => Close(context, job.Id, answer));
    }

    private async Task Close(HttpContext context, string jobId, OpenAnswer answer)
    {
        try
        {
            if (context.RequestAborted.IsCancellationRequested)
                await store.Unanswered(jobId, time.GetUtcNow() + Grace);
            else if (context.Response.StatusCode < StatusCodes.Status500InternalServerError) // an error names no job
                await store.Answered(jobId);
        }
        catch (Exception error)
        {
            LogLeftOpen(jobId, error); // on the safe side: for a while the same body is the same job
        }
        Settle(jobId, answer);
    }

    private void Settle(string jobId, OpenAnswer answer)
    {
        open.TryRemove(KeyValuePair.Create(jobId, answer));
        answer.Settled.TrySetResult();
    }

    [LoggerMessage(1060, LogLevel.Warning, "Whether the caller of job {JobId} has its answer could not be written down")]
    private partial void LogLeftOpen(string jobId, Exception error);

    private sealed record OpenAnswer(string CallerId, byte[] Fingerprint)
    {
        public TaskCompletionSource Settled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
