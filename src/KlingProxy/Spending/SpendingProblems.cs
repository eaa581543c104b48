using KlingProxy.Access;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;

namespace KlingProxy.Spending;

/// <summary>Why money is not spent, or a bill not shown.</summary>
internal static class SpendingProblems
{
    public static readonly Problem
        BudgetExceeded = new("budget-exceeded", 402, "The budget does not allow this video.",
            "The detail says which budget, and how much of it is left. Budgets per day begin anew at 00:00 UTC; money that is held for running jobs comes "
                + "back where they cost less. Nothing was reserved."),
        MaxCostExceeded = new("max-cost-exceeded", 402, "The video would cost more than you allowed.",
            "Raise max_cost or shorten the video. A ticket has an amount of its own. POST /v1/quotes tells the price beforehand. Nothing was reserved."),
        TicketSpent = new("ticket-spent", 403, "The ticket has paid for its job.",
            "A ticket is good for one job, which it goes on to open. Ask whoever gave it to you for another."),
        // jobs take minutes
        TooManyJobs = new("too-many-jobs", 429, "Too many jobs are under way.",
            "Wait until one has ended, and try again after Retry-After. Nothing was reserved.")
        { RetryAfter = 15 },
        BillUnavailable = new("bill-unavailable", 503, "fal does not say what it billed.",
            "FAL_ADMIN_KEY may lack the admin scope, or fal could not be reached. GET /v1/usage tells our side.")
        { RetryAfter = 60 },
        Frozen = new("frozen", 503, "The operator has stopped new spending.",
            "Jobs that were sent go on and can be read; new ones have to wait until the operator lifts the freeze. Nothing was spent.")
        { RetryAfter = 60 };

    public static readonly IReadOnlyList<Problem> All = [BudgetExceeded, MaxCostExceeded, TicketSpent, TooManyJobs, BillUnavailable, Frozen];

    /// <summary>A refusal in words and figures.</summary>
    /// <param name="amount">USD; what the job would hold.</param>
    /// <param name="now">When it was refused.</param>
    public static Refusal Explain(SpendingRefusal refusal, decimal amount, DateTimeOffset now) => refusal switch
    {
        SpendingRefusal.Frozen => Frozen.Because(),
        SpendingRefusal.TooManyJobs jobs => TooManyJobs.Because(
            jobs.Own
                ? $"You may have {jobs.Max} jobs under way at a time."
                : $"This service may have {jobs.Max} jobs under way at a time.", figures: ("limit", jobs.Max)),
        SpendingRefusal.NoCredential gone => AccessProblems.Explain(gone.End),
        SpendingRefusal.TicketSpent => TicketSpent.Because(),
        SpendingRefusal.OverBudget over => BudgetExceeded.Because(
            $"It would cost {Money.Text(amount)} USD; {Money.Text(over.Left)} USD is left of {Words(over.Kind)}.", figures: Figures(over, amount, now)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <param name="amount">USD; what the job would hold.</param>
    /// <param name="most">USD; what its caller, or the caller's ticket, allows for one job.</param>
    public static Refusal TooDear(string detail, decimal amount, decimal most) =>
        MaxCostExceeded.Because(detail, figures: [("amount", Money.Text(amount)), ("left", Money.Text(most)), ("window", "job")]);

    private static IEnumerable<(string Name, object? Value)> Figures(SpendingRefusal.OverBudget over, decimal amount, DateTimeOffset now)
    {
        yield return ("amount", Money.Text(amount));
        yield return ("left", Money.Text(over.Left));
        yield return ("window", over.Kind == BudgetKind.PayerInTotal ? "total" : "day");
        if (over.Kind != BudgetKind.PayerInTotal)
            yield return ("resets_at", UtcTime.Text(UtcTime.NextDay(now)));
    }

    private static string Words(BudgetKind kind) => kind switch
    {
        BudgetKind.PayerPerDay => "your budget for today (UTC)",
        BudgetKind.PayerInTotal => "your budget in total",
        BudgetKind.AnonymousPerDay => "today's budget (UTC) for everyone without a credential",
        _ => "this service's budget for today (UTC)",
    };
}
