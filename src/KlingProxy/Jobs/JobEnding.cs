using KlingProxy.Fal.Queue;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Jobs;

/// <summary>
/// What a move means for everything beside the job: money, the day it counts on, the idempotency key, the ticket, who follows it. Pure; the store does
/// all of it in the transaction of the move. Only what fal provably never had is given back: a person who declares a job over may be wrong about that,
/// and a second video would be a second bill.
/// </summary>
/// <param name="Entries">New lines of the ledger.</param>
/// <param name="HoldCountsOn">The day to which the hold moves, because its job is sent on another than it was recorded.</param>
/// <param name="FreesKey">The same request may be made again.</param>
/// <param name="FreesTicket">The ticket has paid for nothing, and may pay for another job.</param>
/// <param name="GraceFrom">When it ended: whoever waited for that may not have heard of it, and sends the same again for a while.</param>
/// <param name="IsEvent">A caller could see it: it gets a number, and everybody who follows the job is told.</param>
internal sealed record JobEnding(
    IReadOnlyList<LedgerEntry> Entries, DateOnly? HoldCountsOn, bool FreesKey, bool FreesTicket, DateTimeOffset? GraceFrom, bool IsEvent)
{
    public static JobEnding Consequences(Job before, Job after)
    {
        var falNeverHadIt = !before.HasEnded && after is { HasEnded: true, RequestId: null, EndIsDeclared: false };
        return new JobEnding(
            JobLedger.Entries(before, after),
            after.CountsOn != before.CountsOn ? after.CountsOn : null,
            FreesKey: falNeverHadIt && after.Status != JobStatus.Canceled, // a late repetition of what was canceled shall not buy it
            FreesTicket: falNeverHadIt,
            GraceFrom: after.HasEnded ? after.EndedAt : null,
            IsEvent: Shown(before) != Shown(after));
    }

    // An end that fal corrects after all may keep its status, and yet cost something now.
    private static (JobStatus, long?, DateTimeOffset?, DateTimeOffset?, decimal?, bool, JobError?, FalVideo?) Shown(Job job) =>
        (job.Status, job.QueuePosition, job.CancelRequestedAt, job.EndedAt, job.Cost, job.CostIsEstimated, job.Error, job.Video);
}
