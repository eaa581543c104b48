using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs.Reading;

internal static class ListJobs
{
    public static async Task<Results<Ok<JobList>, ProblemHttpResult>> Handle(
        string? status, string? limit, string? cursor, HttpRequest request, Caller caller, IJobStore store, JobViews views, CancellationToken cancel)
    {
        var faults = new List<string>();
        var wanted = ReadStatus(status, faults);
        var (size, before) = JobPage.Read(limit, cursor, faults);
        if (faults.Count > 0)
            return UnreadableParameters.Refuse(faults).Answer();

        var jobs = await store.List(caller.Id, wanted, size + 1, before, cancel);
        return TypedResults.Ok(new JobList([.. jobs.Take(size).Select(job => views.InList(request, job))], JobPage.Next(jobs, size)));
    }

    private static JobStatus? ReadStatus(string? text, List<string> faults)
    {
        if (text is null)
            return null;
        if (JobStatuses.TryParse(text) is { } status)
            return status;
        faults.Add($"status must be one of {string.Join(", ", Enum.GetValues<JobStatus>().Select(status => status.Word))}.");
        return null;
    }
}
