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
}
