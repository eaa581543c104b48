using KlingProxy.Budget;

namespace KlingProxy.Jobs;

/// <summary>What a move means for the money. Every change of a job is written together with these entries, so the two can never disagree.</summary>
internal static class JobLedger
{
    public static LedgerEntry Hold(Job job) => new(job.Id, job.CallerId, LedgerKind.Hold, job.EstimatedCost, false, job.CreatedAt);

    public static IReadOnlyList<LedgerEntry> Entries(Job before, Job after) =>
        before.HasEnded || after is not { HasEnded: true, EndedAt: { } at }
            ? []
            :
            [
                new(after.Id, after.CallerId, LedgerKind.Release, after.EstimatedCost, false, at),
                .. after.Cost is > 0 and { } cost ? [new LedgerEntry(after.Id, after.CallerId, LedgerKind.Settlement, cost, after.CostIsEstimated, at)] : Array.Empty<LedgerEntry>(),
            ];
}
