using KlingProxy.Access.Credentials;

namespace KlingProxy.Spending;

/// <summary>Why a job may not be paid for.</summary>
internal abstract record SpendingRefusal
{
    /// <summary>An operator has stopped all new spending.</summary>
    public sealed record Frozen : SpendingRefusal;

    /// <param name="Max">At a time.</param>
    /// <param name="Own">The payer's own limit, and not everyone's.</param>
    public sealed record TooManyJobs(int Max, bool Own) : SpendingRefusal;

    /// <param name="Left">USD.</param>
    public sealed record OverBudget(BudgetKind Kind, decimal Left) : SpendingRefusal;

    /// <summary>What it was asked for with is worth nothing any more.</summary>
    public sealed record NoCredential(CredentialEnd End) : SpendingRefusal;

    /// <summary>A ticket pays for one job, and has.</summary>
    public sealed record TicketSpent : SpendingRefusal;
}

/// <summary>The budgets that a job has to fit into, all of them.</summary>
internal enum BudgetKind { PayerPerDay, PayerInTotal, AnonymousPerDay, EveryonePerDay }

/// <summary>Whether money may be spoken for. Pure: asked once before anything is done for a job, and again in the transaction that records it.</summary>
internal static class SpendingRules
{
    /// <param name="amount">USD; what the job would hold.</param>
    /// <returns><c>null</c> when it may.</returns>
    public static SpendingRefusal? Refuse(Payer payer, Commitments now, decimal amount)
    {
        if (now.Freeze is not null)
            return new SpendingRefusal.Frozen();
        foreach (var (kind, left) in Budgets(payer, now))
            if (amount > left)
                return new SpendingRefusal.OverBudget(kind, Math.Max(0, left));
        if (now.PayerInFlight >= payer.InFlight)
            return new SpendingRefusal.TooManyJobs(payer.InFlight, Own: true);
        return now.InFlight >= payer.EveryoneInFlight ? new SpendingRefusal.TooManyJobs(payer.EveryoneInFlight, Own: false) : null;
    }

    /// <summary>
    /// The same for a job that is recorded and leaves on a later day than it counted on: of that day's budgets it has nothing yet, of the others its share.
    /// </summary>
    public static SpendingRefusal? RefuseToLeave(Payer payer, Commitments now, decimal amount) => Refuse(
        payer with { InTotal = null, InFlight = int.MaxValue, EveryoneInFlight = int.MaxValue }, now, amount);

    /// <returns>USD that the payer could still speak for; <c>null</c> where nothing limits it.</returns>
    public static decimal? Left(Payer payer, Commitments now) =>
        Budgets(payer, now).Select(budget => (decimal?)Math.Max(0, budget.Left)).DefaultIfEmpty(null).Min();

    // The payer's own first: what they can do something about is what they should hear.
    private static IEnumerable<(BudgetKind Kind, decimal Left)> Budgets(Payer payer, Commitments now)
    {
        if (payer.PerDay is { } perDay)
            yield return (BudgetKind.PayerPerDay, perDay - now.PayerToday.Total);
        if (payer.InTotal is { } inTotal && now.Payer is { } ever)
            yield return (BudgetKind.PayerInTotal, inTotal - ever.Total);
        if (payer is { IsAnonymous: true, AnonymousPerDay: { } anonymous })
            yield return (BudgetKind.AnonymousPerDay, anonymous - now.Anonymous.Total);
        if (payer.EveryonePerDay is { } everyone)
            yield return (BudgetKind.EveryonePerDay, everyone - now.Everyone.Total);
    }
}
