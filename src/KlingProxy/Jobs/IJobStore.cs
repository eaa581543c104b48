using KlingProxy.Access.Audit;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Spending;

namespace KlingProxy.Jobs;

/// <summary>What Jobs needs from a database. A returned job is on disk: a crash right after loses nothing.</summary>
internal interface IJobStore
{
    /// <summary>
    /// In one transaction: <see cref="SpendingRules"/> on what is spoken for by now, the job, its hold, its first event and what makes a
    /// repeated request the same. A job whose payer is not its caller takes the caller's ticket. Ends with a signal.
    /// </summary>
    /// <remarks>A job that is made once more names the new one from then on; its ticket has been taken before. It must still be one that may be.</remarks>
    /// <param name="departs">Begins the job's submit in the same transaction; where it does not, the next sweep finds the job.</param>
    /// <param name="act">The operator's, who has it made; written with it.</param>
    Task<JobAdded> Add(
        Job job, RequestIdentity? identity, Payer payer, CancellationToken cancel, Func<Job, Departure?>? departs = null, OperatorAct? act = null);

    /// <summary>The job, whoever owns it; what another replica made of it up to a second ago may be missing.</summary>
    Task<Job?> Find(JobId id, CancellationToken cancel);

    /// <summary>The job as the database has it now.</summary>
    Task<Job?> FindNow(JobId id, CancellationToken cancel);

    /// <summary>The job that this caller made by the same request, and whether the body was the same.</summary>
    Task<JobAdded.Again?> FindSame(CallerId callerId, RequestIdentity identity, CancellationToken cancel);

    /// <summary>The request that made the job has its answer, so the same body is a new wish.</summary>
    Task Answered(JobId id);

    /// <summary>The caller has used the job's name, so the same body is a new wish if it comes later; not where it is the same until the end.</summary>
    Task Named(JobId id, DateTimeOffset at);

    /// <summary>The answer that names the job may not have been heard: so long the same body is the same wish. Means nothing once it was named.</summary>
    Task Unanswered(JobId id, DateTimeOffset at, TimeSpan grace);

    /// <summary>From now on the same body is the same wish until the job has ended, and <see cref="UnacknowledgedBody.Grace"/> more unless answered.</summary>
    Task AwaitEnd(Job job, UnacknowledgedBody body);

    /// <summary>
    /// In one transaction: reads the job, makes the move and writes it with its event and its ledger entries. The move runs alone: no other
    /// change of this job happens between its reading and its writing. Ends with a signal. Takes no cancellation: what was begun is finished.
    /// </summary>
    /// <param name="move">Pure; <c>null</c> when the move means nothing now.</param>
    /// <param name="lookAt">When the reconciler shall look next; <c>null</c> leaves it.</param>
    /// <param name="provided">What else must be so in the same transaction; else the job stays as it is.</param>
    /// <param name="act">The operator's, of whom it is a move; written with it, if it is made.</param>
    /// <returns>The job as it stands and whether it moved; <c>null</c> when there is none.</returns>
    Task<JobChange?> Change(JobId id, Func<Job, Job?> move, DateTimeOffset? lookAt = null, Provided? provided = null, OperatorAct? act = null);

    /// <summary>The same for two moves in a row, in one transaction. Each has its event; one that means nothing is passed over.</summary>
    /// <returns>The job as it stands and whether it made any of them; <c>null</c> when there is none.</returns>
    Task<JobChange?> Change(JobId id, Func<Job, Job?> first, Func<Job, Job?> last);

    /// <summary>Jobs that wait for a person, newest first; for what has no job, see <see cref="IAttentionStore"/>.</summary>
    /// <param name="before">The last job of the page before.</param>
    Task<IReadOnlyList<Job>> InAttention(int limit, KeysetCursor? before, CancellationToken cancel);

    /// <summary>Jobs, newest first. A page may have fewer than there are, even none, and name a place to go on at.</summary>
    /// <param name="before">Where the page before ended.</param>
    Task<JobStretch> List(JobQuery query, int limit, KeysetCursor? before, CancellationToken cancel);

    /// <summary>Events after a sequence number, in order.</summary>
    Task<IReadOnlyList<JobEvent>> Events(JobId id, long after, CancellationToken cancel);

    /// <summary>Takes jobs that are due for a look, and puts off the next look, so that replicas share the work.</summary>
    /// <param name="next">When to look again if nothing changes.</param>
    Task<IReadOnlyList<Job>> TakeDue(DateTimeOffset now, Func<Job, DateTimeOffset> next, int limit, CancellationToken cancel);

    /// <returns>Whether there was such an ended job. The ledger keeps its entries.</returns>
    Task<bool> Delete(JobId id);
}

/// <summary>Which jobs.</summary>
/// <param name="CallerId">Those that this caller owns or pays for; <c>null</c>: everybody's.</param>
/// <param name="Range">Of their creation.</param>
internal sealed record JobQuery(CallerId? CallerId, TimeRange Range)
{
    /// <summary>Each once; none: whatever they stand at.</summary>
    public IReadOnlyList<JobStatus> Statuses { get; init; } = [];

    /// <summary>The only one; <c>null</c>: whichever.</summary>
    public string? Model { get; init; }
}

/// <summary>A part of a list.</summary>
/// <param name="Next">Where to go on; <c>null</c> at the end.</param>
internal sealed record JobStretch(IReadOnlyList<Job> Jobs, KeysetCursor? Next);

/// <summary>A job whose submit begins with its record.</summary>
/// <param name="LookAt">From when on whoever began it must have died.</param>
internal sealed record Departure(Job Job, DateTimeOffset LookAt);

/// <summary>What became of a wish to record a job.</summary>
internal abstract record JobAdded
{
    public sealed record New(Job Job) : JobAdded;

    /// <summary>An earlier request made it.</summary>
    /// <param name="Job"><c>null</c> when it was deleted since.</param>
    /// <param name="SameBody">False: the key stands for another body.</param>
    public sealed record Again(Job? Job, bool SameBody) : JobAdded;

    public sealed record Refused(SpendingRefusal Reason) : JobAdded;

    /// <summary>What it was to make once more is gone, or may not be made once more now.</summary>
    public sealed record NothingToRetry : JobAdded;
}

/// <summary>What must be so beside the job itself for a move to be made.</summary>
internal abstract record Provided
{
    /// <summary>No other job has the fal request that this one would get: two jobs for one request would be two bills for one video.</summary>
    public static readonly Provided RequestIsFree = new FreeRequest();

    public sealed record FreeRequest : Provided;

    /// <summary>
    /// The job may be sent: no operator has stopped spending, and whoever does has no submit begin after it. Where it leaves on another day than it counted
    /// on, that day's budgets allow it. A job that ends instead needs no leave.
    /// </summary>
    /// <param name="Payer">The job's; <c>null</c> while it leaves on the day on which it counts.</param>
    public sealed record MayLeave(Payer? Payer) : Provided;
}

/// <param name="Moved">False: the move meant nothing in the state the job is in.</param>
internal sealed record JobChange(Job Job, bool Moved);
