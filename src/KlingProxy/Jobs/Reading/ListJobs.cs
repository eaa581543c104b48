using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs.Reading;

/// <summary>A caller's own jobs; an operator's are everybody's.</summary>
internal static class ListJobs
{
    public static async Task<Results<Ok<JobList>, ProblemHttpResult>> Handle(
        string? status, string? model, string? from, string? to, string? caller, string? limit, string? cursor, HttpRequest request, Caller who,
        IJobStore store, JobViews views, CancellationToken cancel)
    {
        var isOperator = Caller.IsOperator(request.HttpContext.User);
        if (caller is not null && !isOperator)
            return UnknownParameters.Refused.Because("The query parameter 'caller' is for operators: without it, the list has your own jobs.").Answer();

        var faults = new List<string>();
        var query = JobFilter.Read(!isOperator ? who.Id : caller is null ? null : new CallerId(caller), status, model, from, to, faults);
        var (size, before) = JobPage.Read(limit, cursor, faults);
        if (faults.Count > 0)
            return UnreadableParameters.Refuse(faults).Answer();

        var page = await store.List(query, size, before, cancel);
        return TypedResults.Ok(new JobList(
            [.. page.Jobs.Select(job => isOperator ? views.InListForOperator(request, job) : views.InList(request, job))], page.Next?.ToString()));
    }
}
