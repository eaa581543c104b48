using KlingProxy.Access.Audit;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Spending.Ledger;

/// <summary>What Budget needs from a database. Entries are written by the moves of jobs and by nobody else.</summary>
internal interface ILedger
{
    Task<Commitments> Committed(Payer payer, DateTimeOffset now, CancellationToken cancel);

    /// <summary>The latest day first, and within a day what was written last.</summary>
    /// <param name="before">The last entry of the page before.</param>
    Task<IReadOnlyList<LedgerEntry>> Entries(LedgerQuery query, int limit, KeysetCursor? before, CancellationToken cancel);

    /// <returns>Per day on which jobs count and payer, in that order, newest day first.</returns>
    Task<IReadOnlyList<Usage>> Usage(DateOnly from, DateOnly to, CancellationToken cancel);

    /// <summary>Adds up the entries of these days, inclusive, and all jobs in flight. A read of all these entries.</summary>
    /// <returns>Where the totals say something else; none, unless something other than this service has changed the database.</returns>
    Task<IReadOnlyList<TotalsGap>> Gaps(DateOnly from, DateOnly to, CancellationToken cancel);

    /// <summary>Adds up what these days, inclusive, settled, on whichever days the jobs count.</summary>
    /// <returns>Where <see cref="Settled"/> says something else, and by how much: what is too much there is positive. None, as with Gaps.</returns>
    Task<IReadOnlyList<Settled>> SettledGaps(DateOnly from, DateOnly to, CancellationToken cancel);

    /// <returns>Per day of the end and model, newest day first.</returns>
    Task<IReadOnlyList<Settled>> Settled(DateOnly from, DateOnly to, CancellationToken cancel);

    Task<Freeze?> Frozen(CancellationToken cancel);

    /// <summary>From the moment it returns nothing new is spent, by no replica.</summary>
    /// <param name="act">Written with it.</param>
    /// <returns>The freeze as it stands: an earlier one stays.</returns>
    Task<Freeze> Freeze(Freeze freeze, OperatorAct? act = null);

    /// <param name="act">Written with it.</param>
    /// <returns>Whether there was one.</returns>
    Task<bool> Unfreeze(OperatorAct? act = null);
}

/// <summary>Which entries: of these days (on which the job counts, UTC, inclusive), and where given of this job or payer.</summary>
internal sealed record LedgerQuery(DateOnly From, DateOnly To, JobId? JobId, CallerId? PayerId);

/// <summary>What one payer's jobs of one day cost.</summary>
/// <param name="Name">Of the key, where the payer is one.</param>
/// <param name="Jobs">How many were begun.</param>
/// <param name="Estimated">USD; the part of what was spent for which fal named no units.</param>
internal sealed record Usage(DateOnly Day, CallerId PayerId, string? Name, long Jobs, Committed Committed, decimal Estimated);

/// <summary>What our ledger settled on one day for one model.</summary>
/// <param name="Amount">USD.</param>
/// <param name="Estimated">USD; the part of it for which fal named no units.</param>
internal sealed record Settled(DateOnly Day, string Model, decimal Amount, decimal Estimated);

/// <summary>A total that is not what the ledger adds up to. What is too much in the total is positive.</summary>
/// <param name="Day">UTC; <c>null</c> for the total of all days.</param>
/// <param name="Purse">A payer's id, <c>*</c> for everybody's, <c>*anonymous</c> for that of all callers without a credential.</param>
internal sealed record TotalsGap(DateOnly? Day, string Purse, long Jobs, Committed Committed, decimal Estimated, long InFlight);
