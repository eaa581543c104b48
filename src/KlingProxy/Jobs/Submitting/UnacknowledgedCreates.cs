using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// Keeps a lost answer from buying a second video. It remembers the creates without an Idempotency-Key whose answer the caller may not have received. A
/// create with the same body, by the same caller, then gets the job that is there. When an answer counts as received, each door says: <see cref="Heard"/>.
/// <code>
/// 12:00:00  a caller posts body B          job_1 is recorded, and its submit goes to fal
/// 12:00:03  the connection breaks          nobody knows whether the caller saw job_1
/// 12:00:04  the caller posts B again       it gets job_1: one video, one bill
/// 12:00:05  this answer is acknowledged    the caller has job_1
/// 12:00:06  the caller posts B once more   that is job_2: who knows the first one wants another
/// </code>
/// The database has a row for each such create, so that this works across replicas and after a crash. The memory of this process adds what only the
/// connection tells: that an answer is still being written, or has come.
/// </summary>
internal sealed partial class UnacknowledgedCreates(IJobStore store, TimeProvider time, ILogger<UnacknowledgedCreates> logger)
{
    /// <summary>
    /// How long a repetition waits for the fate of the first create: a client's new connection can be faster than the news that its old one broke.
    /// </summary>
    private static readonly TimeSpan NewsOfABrokenConnection = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long after its answer a run with the same body is still the same run. A client that lost the answer repeats within seconds; after
    /// <see cref="ManyAttempts"/> it pauses for up to half a minute (docs/fal-contract.md §5.3).
    /// </summary>
    private static readonly TimeSpan Repetition = TimeSpan.FromSeconds(10), LateRepetition = TimeSpan.FromSeconds(40);

    private const int ManyAttempts = 4;

    private readonly Lock gate = new();

    /// <summary>Creates that are being answered by this process, in the order in which they came. Only those of <see cref="Heard.WhenWritten"/>.</summary>
    private readonly List<UnacknowledgedCreate> open = [];

    private readonly HeldRuns runs = new();

    /// <summary>How many runs wait for this job at the moment.</summary>
    public int Held(JobId jobId) => runs.Of(jobId);

    /// <summary>
    /// Of <see cref="Heard.WhenWritten"/>, two creates at the same time are two wishes, unless the first one's answer is lost. So while the same caller's
    /// create with the same body is being answered here, this waits for it: until it is answered, breaks, or <see cref="NewsOfABrokenConnection"/> has passed.
    /// </summary>
    public async Task<UnacknowledgedBody> WaitForSameCreate(VideoWish wish, CancellationToken cancel)
    {
        var fingerprint = CanonicalJson.Fingerprint(wish.Body);
        if (wish.Repeats is { } repeats)
            // on a living connection or not: who can tell, behind a front?
            return new UnacknowledgedBody(fingerprint, repeats.Until, _ => false, repeats.Arrived);

        var (waiting, before) = Open(wish.Answer, new UnacknowledgedCreate(wish.Caller.Id, fingerprint));
        if (before.Count > 0)
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await Task.WhenAny(Task.WhenAll(before.Select(earlier => earlier.WasHeard.Task)), Task.Delay(NewsOfABrokenConnection, time, linked.Token));
            await linked.CancelAsync();
        }
        // What has been received by now, or is still being written, was another wish than this one.
        var others = before.Where(first => first.WasHeard.Task is { IsCompletedSuccessfully: true, Result: true }).Select(first => first.JobId).ToHashSet();
        return new UnacknowledgedBody(fingerprint, Heard.WhenWritten, id => others.Contains(id) || IsOpen(id), time.GetUtcNow()) { Answer = waiting };
    }

    /// <summary>
    /// From now on this request's answer names this job. When the answer was written, or its connection broke, that is noted in the database.
    /// </summary>
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

    /// <summary>
    /// This request gets the job of an earlier one. If it is a run, the job is from now on repeated until its end, even if its name was used before.
    /// </summary>
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

    /// <summary>The caller has used the job's name, so it has the answer: the same body is a new wish from now on.</summary>
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

    // Before its body is read: a repetition may overtake it.
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
        answer.WhenWritten(async () =>
            Settle(waiting, heard: waiting.JobId is not { } jobId || await Close(answer, jobId, lost: !await answer.HasCome(), after: null)));
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
