using System.Globalization;

using KlingProxy.Access;
using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs;

internal static class ListJobs
{
    public const int DefaultLimit = 20, MaxLimit = 100;

    public static async Task<Results<Ok<JobList>, ProblemHttpResult>> Handle(
        string? status, string? limit, string? cursor, HttpRequest request, Caller caller, IJobStore store, JobViews views, CancellationToken cancel)
    {
        var faults = new List<string>();
        var wanted = ReadStatus(status, faults);
        var size = ReadLimit(limit, faults);
        var before = cursor is null ? null : JobCursor.Parse(cursor);
        if (cursor is not null && before is null)
            faults.Add("cursor must be the next_cursor of a page before.");
        if (faults.Count > 0)
            return JsonBody.Malformed.Because(string.Join(' ', faults));

        // One more than asked for tells whether there is another page.
        var jobs = await store.List(caller.Id, wanted, size + 1, before, cancel);
        var page = jobs.Take(size).ToList();
        return TypedResults.Ok(new JobList(
            [.. page.Select(job => views.Of(request, job))],
            jobs.Count > size ? JobCursor.Of(page[^1]).ToString() : null));
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

    private static int ReadLimit(string? text, List<string> faults)
    {
        if (text is null)
            return DefaultLimit;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit)
            return limit;
        faults.Add($"limit must be a whole number from 1 to {MaxLimit}.");
        return DefaultLimit;
    }
}
