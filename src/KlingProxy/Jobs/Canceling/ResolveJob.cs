using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs.Following;

namespace KlingProxy.Jobs.Canceling;

/// <summary>
/// Decides what nothing automatic can: that a lost submit is this request of fal's, or that the job is over and cost so much; or has seen what became of it.
/// </summary>
internal sealed class ResolveJob(IJobStore store, IAttentionStore notes, FalQueue fal, ReconcileSchedule schedule, TimeProvider time, AuditTrail audit)
{
    // A job and a note of the same id are one row to whoever looks: both are seen.
    public async Task<Outcome<OperatorJobView>> Acknowledge(JobId id, Caller caller, CancellationToken cancel)
    {
        var act = audit.Act(caller, ActWords.JobResolved, id, "seen");
        var change = await store.Change(id, before => before.Acknowledged(), act: act);
        var note = await notes.Acknowledge(id, time.GetUtcNow(), act);
        if (change is not { Moved: true } && note is null)
            return change is null
                ? JobProblems.NotFound.Because()
                : JobProblems.NotInAttention.Because("Only what has ended, or is not here, can be acknowledged. This job goes on, or was seen before.");
        audit.Done(act);
        return change is not null ? OperatorJobView.Of(change.Job) : OperatorJobView.Of(note!) with { Reason = null };
    }

    public async Task<Outcome<OperatorJobView>> Bind(JobId id, FalRequestId requestId, Caller caller, CancellationToken cancel)
    {
        if (await store.FindNow(id, cancel) is not { } job)
            return JobProblems.NotFound.Because();
        var now = time.GetUtcNow();
        if (job.Accepted(requestId, null) is not { } bound)
            return JobProblems.NotInAttention.Because();
        switch (await fal.Status(job.Model, requestId, cancel))
        {
            case FalStatus.Missing:
                return BodyFields.Invalid.Because(errors: [new("/request_id", "unknown", "fal does not know this request, or not as one of this account's.")]);
            case FalStatus.Unclear:
                return JobProblems.UpstreamUnavailable.Because("fal did not say whether there is such a request. Nothing was changed.");
        }

        var act = audit.Act(caller, ActWords.JobResolved, id, $"is fal's request {requestId}");
        if (await store.Change(id, before => before.Accepted(requestId, null), schedule.Next(bound, now), Provided.RequestIsFree, act) is not
            { Moved: true, Job: var changed })
            return JobProblems.NotInAttention.Because("Another job has this request, or this job has found its own meanwhile.");
        audit.Done(act);
        return OperatorJobView.Of(changed);
    }

    public async Task<Outcome<OperatorJobView>> End(JobId id, decimal cost, Caller caller, CancellationToken cancel)
    {
        if (await store.FindNow(id, cancel) is null)
            return JobProblems.NotFound.Because();
        var now = time.GetUtcNow();
        var act = audit.Act(caller, ActWords.JobResolved, id, $"ended, cost {Money.Text(cost)} USD");
        if (await store.Change(id, before => before.Resolved(cost, JobErrors.Resolved, now), act: act) is not { Moved: true, Job: var ended })
            return JobProblems.NotInAttention.Because();
        audit.Done(act);
        return OperatorJobView.Of(ended);
    }
}
