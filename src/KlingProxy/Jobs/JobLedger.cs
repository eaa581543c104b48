using KlingProxy.Spending.Ledger;

namespace KlingProxy.Jobs;

/// <summary>What a move means for the money. Every change of a job is written together with these entries, so the two can never disagree.</summary>
internal static class JobLedger
{
    public static LedgerEntry Hold(Job job) => Entry(job, LedgerKind.Hold, job.EstimatedCost, job.CreatedAt);

    public static IReadOnlyList<LedgerEntry> Entries(Job before, Job after) => (before, after) switch
    {
        ({ HasEnded: false }, { HasEnded: true, EndedAt: { } at }) =>
        [
            Entry(after, LedgerKind.Release, after.EstimatedCost, at),
            .. after.Cost is > 0 and { } cost ? [Entry(after, LedgerKind.Settlement, cost, at, after.CostIsEstimated)] : Array.Empty<LedgerEntry>(),
        ],
        ({ HasEnded: true }, { HasEnded: true, EndedAt: { } at, Cost: { } cost }) when cost - (before.Cost ?? 0) is > 0 and var more =>
            [Entry(after, LedgerKind.Correction, more, at, after.CostIsEstimated)],
        _ => [],
    };

    private static LedgerEntry Entry(Job job, LedgerKind kind, decimal amount, DateTimeOffset at, bool estimated = false) =>
        new(job.Id, job.RequestId, job.PayerId, job.Model, kind, amount, estimated, job.CountsOn, at);
}
