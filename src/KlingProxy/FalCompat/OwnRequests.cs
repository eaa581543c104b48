using KlingProxy.Access.Credentials;
using KlingProxy.FalCompat.Queue;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;

namespace KlingProxy.FalCompat;

/// <summary>The jobs that a caller may speak of. Somebody else's, and one of another app, answer exactly like a missing one.</summary>
internal sealed class OwnRequests(OwnJobs jobs, UnacknowledgedCreates unacknowledged)
{
    public async Task<Job?> Find(RequestName name, Caller caller, CancellationToken cancel)
    {
        if (await jobs.Find(name.Id, caller, cancel) is not { } job || !name.IsOf(job))
            return null;
        if (caller.Kind == CallerKind.Link || caller.Id == job.CallerId) // who pays for it may look, but that the caller knows of it only the caller shows
            await unacknowledged.Named(job);
        return job;
    }

    /// <summary>fal's own words, and a sentence for people.</summary>
    public static CompatResponse Missing()
    {
        var body = CompatResult.Sentence("There is no such request.", "There is no such request.");
        body["status"] = "NOT_FOUND";
        return new CompatResponse(StatusCodes.Status404NotFound, body);
    }
}
