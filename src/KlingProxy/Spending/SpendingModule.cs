using KlingProxy.Access;
using KlingProxy.Http;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Docs;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Settings;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Spending;

/// <summary>Whether money may be spent, and what it was spent on.</summary>
internal static class SpendingModule
{
    public static void AddSpending(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<BudgetOptions, BudgetOptionsValidator>();
        builder.Services.AddSingleton<Payers>();
        builder.Services.AddHostedService<ProveTotals>();
        builder.Services.AddProblems(SpendingProblems.All);
        builder.AddJson(SpendingJson.Default);
    }

    public static void MapSpending(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/account", ShowAccount.Handle).WithName("GetAccount").WithTags("Account").RequireAuthorization(AccessPolicy.Anyone)
            .WithSummary("See your budgets and limits").WithDescription("What you may spend and have spent. Operators also see the whole service.")
            .WithMetadata(SpendingApiDocs.Account);

        var operators = routes.MapGroup("/v1").WithTags("Operator").RequireAuthorization(AccessPolicy.Operator);
        operators.MapPut("/freeze", FreezeSpending.Handle).WithName("FreezeSpending").Accepts<FreezeRequest>(isOptional: true, "application/json")
            .WithSummary("Stop all new spending")
            .WithDescription("From this answer on nothing new is sent to fal, by any replica. Jobs that were sent go on and are settled; those that were only "
                + "recorded wait. The body may be left out.")
            .WithMetadata(SpendingApiDocs.Freeze)
            .Refuses(
                BodyProblems.Malformed, BodyProblems.TooLarge, BodyProblems.WrongMediaType, BodyFields.Invalid, BodyProblems.TooSlow,
                AccessProblems.TooManyBodies, BodyProblems.Overloaded);
        operators.MapDelete("/freeze", FreezeSpending.Lift).WithName("UnfreezeSpending")
            .WithSummary("Let spending go on").WithDescription("Recorded jobs that waited are sent, unless their start deadline has passed.")
            .WithMetadata(SpendingApiDocs.Unfreeze);
        operators.MapGet("/ledger", ShowLedger.Handle).WithName("ListLedger")
            .WithSummary("Read the ledger").WithDescription("Append-only, the latest day first: what was held, released and settled, as JSON or CSV by Accept.")
            .Produces<LedgerList>().WithMetadata(SpendingApiDocs.Ledger).Refuses(UnreadableParameters.Malformed);
        operators.MapGet("/usage", ShowUsage.Handle).WithName("GetUsage")
            .WithSummary("See who spent what").WithDescription("By UTC day and caller, as JSON or CSV by Accept.")
            .Produces<UsageList>().WithMetadata(SpendingApiDocs.Usage).Refuses(UnreadableParameters.Malformed);
        operators.MapGet("/usage/drift", ShowDrift.Handle).WithName("GetDrift")
            .WithSummary("Compare the ledger with fal's bill")
                .WithDescription("By UTC day and model. With FAL_ADMIN_KEY fal is asked what it billed this account; whatever else uses the account shows as "
                + "drift. A day that has just begun may drift for a while.")
            .WithMetadata(SpendingApiDocs.Drift).Refuses(UnreadableParameters.Malformed, SpendingProblems.BillUnavailable);
    }
}
