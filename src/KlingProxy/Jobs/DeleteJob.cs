using KlingProxy.Access;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs;

internal static partial class DeleteJob
{
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(string id, Caller caller, IJobStore store, JobAnswers answers, ILogger<Job> logger, CancellationToken cancel)
    {
        if (await store.Find(id, cancel) is not { } job || !caller.MayRead(job.CallerId, job.PayerId))
            return JobProblems.NotFound.Because();
        if (job.NeedsLooks)
            return answers.StillRunning();

        await store.Delete(id);
        LogDeleted(logger, id);
        return TypedResults.NoContent();
    }

    [LoggerMessage(1060, LogLevel.Information, "Deleted job {JobId}")]
    private static partial void LogDeleted(ILogger logger, string jobId);
}
