using KlingProxy.Access.Credentials;
using KlingProxy.Ids;

namespace KlingProxy.Jobs;

/// <summary>The jobs that a caller may know of: its own, those it pays for, and the one of a signed link. Nothing else checks whose a job is.</summary>
internal sealed class OwnJobs(IJobStore store)
{
    /// <returns><c>null</c> where there is none: somebody else's answers exactly like a missing one.</returns>
    public async Task<Job?> Find(JobId id, Caller caller, CancellationToken cancel) =>
        // the link was signed for this path
        await store.Find(id, cancel) is { } job && (caller.Kind == CallerKind.Link || caller.Id == job.CallerId || caller.Id == job.PayerId) ? job : null;

    /// <summary>For operators, who read everybody's.</summary>
    public Task<Job?> Any(JobId id, CancellationToken cancel) => store.Find(id, cancel);

    /// <summary>
    /// For who would refuse something because the job runs: whoever asks may have heard of its end from another replica, sooner than this one does.
    /// </summary>
    /// <returns><c>null</c> where it is gone.</returns>
    public async Task<Job?> AsItStands(Job job, CancellationToken cancel) => job.NeedsLooks ? await store.FindNow(job.Id, cancel) : job;
}
