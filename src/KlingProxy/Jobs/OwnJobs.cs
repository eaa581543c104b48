using KlingProxy.Access.Credentials;

namespace KlingProxy.Jobs;

/// <summary>The jobs that a caller may know of: its own, those it pays for, and the one of a signed link. Nothing else checks whose a job is.</summary>
internal sealed class OwnJobs(IJobStore store)
{
    /// <returns><c>null</c> where there is none: somebody else's answers exactly like a missing one.</returns>
    public async Task<Job?> Find(string id, Caller caller, CancellationToken cancel) =>
        await store.Find(id, cancel) is { } job && (caller.IsLink || caller.Id == job.CallerId || caller.Id == job.PayerId) ? job : null; // the link was signed for this path
}
