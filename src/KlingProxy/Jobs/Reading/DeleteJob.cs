using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs.Reading;

internal static partial class DeleteJob
{
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        JobId id, Caller caller, OwnJobs jobs, IJobStore store, JobResponses responses, ILogger<Job> logger, CancellationToken cancel)
    {
        if (await jobs.Find(id, caller, cancel) is not { } known || await jobs.AsItStands(known, cancel) is not { } job)
            return JobProblems.NotFound.Because().Answer();
        if (job.NeedsLooks)
            return responses.StillRunning().Answer();

        await store.Delete(id);
        LogDeleted(logger, id);
        return TypedResults.NoContent();
    }

    [LoggerMessage(1060, LogLevel.Information, "Deleted job {JobId}")]
    private static partial void LogDeleted(ILogger logger, string jobId);
}
