using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// Which requests for a video have an answer that was not heard yet. One whose caller may not have it leaves a job that its caller does not
/// know; the next request with the same body gets that job instead of a second one. When an answer counts as heard, each door says: <see cref="Heard"/>.
/// What a dead process was answering is in nobody's memory, and so adopted too.
/// </summary>
internal sealed partial class UnacknowledgedCreates(IJobStore store, TimeProvider time, ILogger<UnacknowledgedCreates> logger)
{
    /// <summary>A client's second connection can be faster than the news of its first one's end.</summary>
    private static readonly TimeSpan NewsOfABrokenConnection = TimeSpan.FromSeconds(2);

    /// <summary>Whoever did not hear of a run's end repeats it in seconds; after many attempts a client pauses longer, up to half a minute (§5.3).</summary>
    private static readonly TimeSpan Repetition = TimeSpan.FromSeconds(10), LateRepetition = TimeSpan.FromSeconds(40);

    private const int ManyAttempts = 4;

    private readonly Lock gate = new();

    /// <summary>In the order in which they came; only of those that are heard when they are written.</summary>
    private readonly List<UnacknowledgedCreate> open = [];

    private readonly HeldRuns runs = new();

    /// <summary>How many runs wait for this job at the moment.</summary>
    public int Held(JobId jobId) => runs.Of(jobId);

    /// <summary>Where a second wish at the same time is another one, this waits for the fate of the same caller's same request, if one is here.</summary>
    public async Task<UnacknowledgedBody> WaitForSameCreate(VideoWish wish, CancellationToken cancel)
    {
        var fingerprint = CanonicalJson.Fingerprint(wish.Body);
        if (wish.Repeats is { } repeats)
            return new UnacknowledgedBody(fingerprint, repeats.Until, _ => false, repeats.Arrived); // on a living connection or not: who can tell, behind a front?

        var (waiting, before) = Open(wish.Answer, new UnacknowledgedCreate(wish.Caller.Id, fingerprint));
        if (before.Count > 0)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await Task.WhenAny(Task.WhenAll(before.Select(earlier => earlier.WasHeard.Task)), Task.Delay(NewsOfABrokenConnection, time, enough.Token));
            await enough.CancelAsync();
        }
        // Whoever asked while the first was still on its way, and that arrived, asked for another.
        var others = before.Where(first => first.WasHeard.Task is { IsCompletedSuccessfully: true, Result: true }).Select(first => first.JobId).ToHashSet();
        return new UnacknowledgedBody(fingerprint, Heard.WhenWritten, id => others.Contains(id) || IsOpen(id), time.GetUtcNow()) { Answer = waiting };
    }

    /// <summary>This request's answer will name this job. It is open until it is written, or the connection gone.</summary>
    public void Expect(IPendingAnswer answer, Job job, UnacknowledgedBody body)
    {
        if (body.Answer is { } waiting)
        {
            waiting.JobId = job.Id;
            return;
        }
        if (body.Heard == Heard.WhenEnded)
            runs.Join(job.Id);
        answer.WhenWritten(() => Close(answer, job.Id, lost: false,
            after: body.Heard == Heard.WhenNamed ? UnacknowledgedBody.Grace : runs.Leave(job.Id) < ManyAttempts ? Repetition : LateRepetition));
    }

    /// <summary>A request that gets the job of an earlier one. A run makes it one that is repeated until its end, whoever named it before.</summary>
    public async Task Join(Job job, UnacknowledgedBody body)
    {
        try
        {
            if (body.Heard == Heard.WhenEnded)
                await store.AwaitEnd(job, body);
        }
        catch (Exception error)
        {
            LogLeftOpen(job.Id, error);
        }
    }

    /// <summary>The caller knows the job by name, so the answer that named it was heard: the same body is a new wish from now on.</summary>
    public Task Named(Job job) => store.Named(job.Id, time.GetUtcNow());

    /// <param name="lost">The answer did not come as far as its caller.</param>
    /// <param name="after">For how long a written answer may not have been heard; <c>null</c>: it was.</param>
    /// <returns>Whether the answer was written to a living connection.</returns>
    private async Task<bool> Close(IPendingAnswer answer, JobId jobId, bool lost, TimeSpan? after)
    {
        using var scope = RequestScope.Begin(logger, answer.RequestId); // the request's own has ended
        var broken = lost || answer.Broken.IsCancellationRequested;
        try
        {
            if (!answer.SaysError || broken) // an error names no job
                await ((broken ? UnacknowledgedBody.Grace : after) is { } grace ? store.Unanswered(jobId, time.GetUtcNow(), grace) : store.Answered(jobId));
        }
        catch (Exception error)
        {
            LogLeftOpen(jobId, error); // on the safe side: for a while the same body is the same job
        }
        return !broken;
    }

    // From its first moment on: a repetition may overtake what is still being read.
    private (UnacknowledgedCreate Waiting, List<UnacknowledgedCreate> Before) Open(IPendingAnswer answer, UnacknowledgedCreate waiting)
    {
        var before = default(List<UnacknowledgedCreate>);
        lock (gate)
        {
            before = open.FindAll(earlier => earlier.CallerId == waiting.CallerId && earlier.Fingerprint.SequenceEqual(waiting.Fingerprint));
            open.Add(waiting);
        }
        answer.Broken.Register(() => Settle(waiting, heard: false));
        answer.WatchDelivery();
        answer.WhenWritten(async () => Settle(waiting, heard: waiting.JobId is not { } jobId || await Close(answer, jobId, lost: !await answer.HasCome(), after: null)));
        return (waiting, before);
    }

    private bool IsOpen(JobId jobId)
    {
        lock (gate)
            return open.Exists(answer => answer.JobId == jobId);
    }

    private void Settle(UnacknowledgedCreate answer, bool heard)
    {
        lock (gate)
            open.Remove(answer);
        answer.WasHeard.TrySetResult(heard);
    }

    [LoggerMessage(1061, LogLevel.Warning, "Whether the caller of job {JobId} has its answer could not be written down")]
    private partial void LogLeftOpen(string jobId, Exception error);
}
