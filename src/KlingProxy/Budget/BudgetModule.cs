using KlingProxy.Access;
using KlingProxy.Problems;
using KlingProxy.Settings;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace KlingProxy.Budget;

/// <summary>What it costs, whether it may, and what it cost.</summary>
internal static class BudgetModule
{
    public static readonly Problem
        BudgetExceeded = new("budget-exceeded", 402, "The budget does not allow this video.",
            "The detail says which budget, and how much of it is left. Budgets per day begin anew at 00:00 UTC; money that is held for running jobs comes back where they cost less. Nothing was reserved."),
        MaxCostExceeded = new("max-cost-exceeded", 402, "The video would cost more than you allowed.",
            "Raise max_cost or shorten the video. A ticket has an amount of its own. POST /v1/quotes tells the price beforehand. Nothing was reserved."),
        TicketSpent = new("ticket-spent", 403, "The ticket has paid for its job.", "A ticket is good for one job, which it goes on to open. Ask whoever gave it to you for another."),
        TooManyJobs = new("too-many-jobs", 429, "Too many jobs are under way.", "Wait until one has ended, and try again after Retry-After. Nothing was reserved.") { RetryAfter = 15 }, // jobs take minutes
        BillUnavailable = new("bill-unavailable", 503, "fal does not say what it billed.", "FAL_ADMIN_KEY may lack the admin scope, or fal could not be reached. GET /v1/usage tells our side.") { RetryAfter = 60 },
        Frozen = new("frozen", 503, "The operator has stopped new spending.", "Jobs that were sent go on and can be read; new ones have to wait until the operator lifts the freeze. Nothing was spent.") { RetryAfter = 60 };

    public static void AddBudget(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<BudgetOptions>, BudgetOptionsValidator>();
        builder.AddSettings<BudgetOptions>();
        builder.Services.AddSingleton<Payers>();
        builder.Services.AddSingleton<VideoOrders>();
        builder.Services.AddProblems(BudgetExceeded, MaxCostExceeded, TicketSpent, TooManyJobs, BillUnavailable, Frozen);
        builder.AddJson(BudgetJson.Default);
    }

    public static void MapBudget(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/quotes", QuoteVideo.Handle).WithName("QuoteVideo").WithTags("Quotes").RequireAuthorization(AccessModule.Jobs)
            .Accepts<VideoOrderBody>("application/json")
            .WithSummary("Price a video")
            .WithDescription("Takes the body of a job and says what it would cost, what the budget still allows, and every rule that it breaks. Nothing is stored, reserved or sent.")
            .WithMetadata(OrderNotes.Quote).Refuses(JsonBody.Malformed, JsonBody.TooLarge, JsonBody.WrongMediaType, JsonBody.TooSlow, AccessModule.TooManyBodies, JsonBody.Overloaded);
        routes.MapGet("/v1/account", ShowAccount.Handle).WithName("GetAccount").WithTags("Account").RequireAuthorization(AccessModule.Anyone)
            .WithSummary("See your budgets and limits").WithDescription("What you may spend and have spent. Operators also see the whole service.")
            .WithMetadata(MoneyNotes.Account);

        var operators = routes.MapGroup("/v1").WithTags("Operator").RequireAuthorization(AccessModule.Operator);
        operators.MapPut("/freeze", FreezeSpending.Handle).WithName("FreezeSpending").Accepts<FreezeRequest>(isOptional: true, "application/json")
            .WithSummary("Stop all new spending")
            .WithDescription("From this answer on nothing new is sent to fal, by any replica. Jobs that were sent go on and are settled; those that were only recorded wait. The body may be left out.")
            .WithMetadata(MoneyNotes.Freeze).Refuses(JsonBody.Malformed, JsonBody.TooLarge, JsonBody.WrongMediaType, BodyFields.Invalid, JsonBody.TooSlow, AccessModule.TooManyBodies, JsonBody.Overloaded);
        operators.MapDelete("/freeze", FreezeSpending.Lift).WithName("UnfreezeSpending")
            .WithSummary("Let spending go on").WithDescription("Recorded jobs that waited are sent, unless their start deadline has passed.")
            .WithMetadata(MoneyNotes.Unfreeze);
        operators.MapGet("/ledger", ShowLedger.Handle).WithName("ListLedger")
            .WithSummary("Read the ledger").WithDescription("Append-only, newest first: what was held, released and settled, as JSON or CSV by Accept.")
            .Produces<LedgerList>().WithMetadata(MoneyNotes.Ledger).Refuses(UnreadableParameters.Malformed);
        operators.MapGet("/usage", ShowUsage.Handle).WithName("GetUsage")
            .WithSummary("See who spent what").WithDescription("By UTC day and caller, as JSON or CSV by Accept.")
            .Produces<UsageList>().WithMetadata(MoneyNotes.Usage).Refuses(UnreadableParameters.Malformed);
        operators.MapGet("/usage/drift", ShowDrift.Handle).WithName("GetDrift")
            .WithSummary("Compare the ledger with fal's bill").WithDescription("By UTC day and model. With FAL_ADMIN_KEY fal is asked what it billed this account; whatever else uses the account shows as drift. A day that has just begun may drift for a while.")
            .WithMetadata(MoneyNotes.Drift).Refuses(UnreadableParameters.Malformed, BillUnavailable);
    }

    /// <summary>A refusal in words and figures.</summary>
    /// <param name="amount">USD; what the job would hold.</param>
    /// <param name="now">When it was refused.</param>
    public static ProblemHttpResult Explain(SpendingRefusal refusal, decimal amount, DateTimeOffset now, HttpContext context) => refusal switch
    {
        SpendingRefusal.Frozen => Frozen.Because(),
        SpendingRefusal.TooManyJobs jobs => TooManyJobs.Because(
            jobs.Own ? $"You may have {jobs.Most} jobs under way at a time." : $"This service may have {jobs.Most} jobs under way at a time.", figures: ("limit", jobs.Most)),
        SpendingRefusal.NoCredential gone => AccessModule.Explain(gone.End, context),
        SpendingRefusal.TicketSpent => TicketSpent.Because(),
        SpendingRefusal.OverBudget over => BudgetExceeded.Because(
            $"It would cost {Money.Text(amount)} USD; {Money.Text(over.Left)} USD is left of {Words(over.Kind)}.", figures: Figures(over, amount, now)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <param name="amount">USD; what the job would hold.</param>
    /// <param name="most">USD; what its caller, or the caller's ticket, allows for one job.</param>
    public static ProblemHttpResult TooDear(string detail, decimal amount, decimal most) =>
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
        BudgetKind.NamelessPerDay => "today's budget (UTC) for everyone without a credential",
        _ => "this service's budget for today (UTC)",
    };
}
