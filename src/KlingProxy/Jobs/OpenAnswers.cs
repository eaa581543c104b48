using System.Collections.Concurrent;

using KlingProxy.Problems;

namespace KlingProxy.Jobs;

/// <summary>
/// Which requests for a video wait for their answer on this process's living connections. One that loses its connection leaves a job that
/// its caller does not know; the next request with the same body gets that job instead of a second one. What a dead process was
/// answering is in nobody's memory, and so adopted too.
/// </summary>
internal sealed partial class OpenAnswers(IJobStore store, TimeProvider time, ILogger<OpenAnswers> logger)
{
    /// <summary>How long after a broken connection the same body is the same wish.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <summary>A client's second connection can be faster than the news of its first one's end.</summary>
    private static readonly TimeSpan NewsOfABrokenConnection = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, OpenAnswer> open = new();

    /// <summary>Waits for the fate of the same caller's same request, if one is being answered here.</summary>
    public async Task<UnansweredBody> Identify(string callerId, JsonBody body, CancellationToken cancel)
    {
        var fingerprint = CanonicalJson.Fingerprint(body);
        var same = open.Where(answer => answer.Value.CallerId == callerId && answer.Value.Fingerprint.SequenceEqual(fingerprint)).ToList();
        if (same.Count > 0)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await Task.WhenAny(Task.WhenAll(same.Select(answer => answer.Value.Heard.Task)), Task.Delay(NewsOfABrokenConnection, time, enough.Token));
            await enough.CancelAsync();
        }
        // Whoever asked while the first was still on its way, and that arrived, asked for another.
        var others = same.Where(answer => answer.Value.Heard.Task is { IsCompletedSuccessfully: true, Result: true }).Select(answer => answer.Key).ToHashSet();
        return new UnansweredBody(fingerprint, id => open.ContainsKey(id) || others.Contains(id), time.GetUtcNow());
    }

    /// <summary>This request's answer will name this job. It is open until it is written, or the connection gone.</summary>
    /// <param name="unheardFor">Its client repeats a request by itself, so an answer that was written need not be one that was heard. So long, unless the job is named, the same body is the same wish.</param>
    public void Expect(HttpContext context, Job job, UnansweredBody body, TimeSpan? unheardFor)
    {
        var answer = open[job.Id] = new OpenAnswer(job.CallerId, body.Fingerprint);
        context.RequestAborted.Register(() => Settle(job.Id, answer, heard: false));
        context.Response.OnCompleted(() => Close(context, job.Id, answer, unheardFor));
    }

    /// <summary>The caller knows the job by name, so the answer that named it was heard: the same body is a new wish from now on.</summary>
    public async Task Named(Job job)
    {
        if (time.GetUtcNow() - job.CreatedAt < Grace)
            await store.Answered(job.Id);
    }

    private async Task Close(HttpContext context, string jobId, OpenAnswer answer, TimeSpan? unheardFor)
    {
        using var scope = RequestScope.Begin(logger, context.TraceIdentifier); // the request's own has ended
        var broken = context.RequestAborted.IsCancellationRequested;
        try
        {
            if (context.Response.StatusCode < StatusCodes.Status500InternalServerError || broken) // an error names no job
                await ((broken ? Grace : unheardFor) is { } grace ? store.Unanswered(jobId, time.GetUtcNow() + grace) : store.Answered(jobId));
        }
        catch (Exception error)
        {
            LogLeftOpen(jobId, error); // on the safe side: for a while the same body is the same job
        }
        Settle(jobId, answer, heard: !broken);
    }

    private void Settle(string jobId, OpenAnswer answer, bool heard)
    {
        open.TryRemove(KeyValuePair.Create(jobId, answer));
        answer.Heard.TrySetResult(heard);
    }

    [LoggerMessage(1061, LogLevel.Warning, "Whether the caller of job {JobId} has its answer could not be written down")]
    private partial void LogLeftOpen(string jobId, Exception error);

    private sealed record OpenAnswer(string CallerId, byte[] Fingerprint)
    {
        /// <summary>False: the connection broke.</summary>
        public TaskCompletionSource<bool> Heard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
