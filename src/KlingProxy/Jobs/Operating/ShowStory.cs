using KlingProxy.Access.Audit;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Reading;
using KlingProxy.Spending.Ledger;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs.Operating;

/// <summary><c>GET /v1/jobs/{id}/story</c>: whatever is written down about a job, wherever.</summary>
internal static class ShowStory
{
    /// <summary>Of one job: one of each kind.</summary>
    private static readonly int MaxEntries = Enum.GetValues<LedgerKind>().Length;

    public static async Task<Results<Ok<StoryView>, ProblemHttpResult>> Handle(
        JobId id, HttpRequest request, IJobStore store, ILedger ledger, IAttentionStore notes, IAuditStore acts, JobViews views, CancellationToken cancel)
    {
        var events = await store.Events(id, 0, cancel);
        var entries = await ledger.Entries(new LedgerQuery(DateOnly.MinValue, DateOnly.MaxValue, id, null), MaxEntries, null, cancel);
        var (told, done) = (await notes.Of(id, cancel), await acts.About(id, cancel));
        var job = await store.FindNow(id, cancel); // last, so that it is no older than its events
        if (job is null && entries is [] && told is [])
            return JobProblems.NotFound.Because("Nothing of it is written down here, not in the ledger either.").Answer();

        return TypedResults.Ok(new StoryView(
            job is null ? null : views.ForOperator(request, job), job is null ? [] : [.. events.Select(StoryEventView.Of)],
            job is null ? null : StorySubmitView.Of(job), [.. entries.OrderBy(entry => entry.Kind).Select(LedgerEntryView.Of)],
            [.. told.Select(StoryNoteView.Of)], [.. done.Select(AuditView.Of)]));
    }
}
