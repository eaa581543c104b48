using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access.Audit;

/// <summary>Who has done what, as far back as there are acts.</summary>
internal static class ListAudit
{
    public const int DefaultLimit = 100, MaxLimit = 1000;

    public static async Task<Results<Ok<AuditList>, ProblemHttpResult>> Handle(
        string? from, string? to, string? act, string? by, string? limit, string? cursor, IAuditStore store, CancellationToken cancel)
    {
        var faults = new List<string>();
        var range = TimeRange.Read(from, to, faults);
        if (act is not null && !ActWords.All.Contains(act))
            faults.Add($"act must be one of {string.Join(", ", ActWords.All)}.");
        if (by?.Any(char.IsControl) is true)
            faults.Add("by must be the id of an operator, without control characters.");
        var (size, before) = KeysetPage.Read(limit, cursor, (DefaultLimit, MaxLimit), KeysetCursor.Parse, faults);
        if (faults.Count > 0)
            return UnreadableParameters.Refuse(faults).Answer();

        var acts = await store.List(new AuditQuery(range, by is null ? null : new CallerId(by), act), size + 1, before, cancel);
        return TypedResults.Ok(new AuditList(
            [.. acts.Take(size).Select(AuditView.Of)], KeysetPage.Next(acts, size, last => new KeysetCursor(last.At, last.Id))));
    }
}
