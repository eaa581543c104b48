using System.Text.Json.Serialization;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Limits;
using KlingProxy.Http.Wire;
using KlingProxy.Spending.Ledger;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace KlingProxy.Spending;

/// <summary>What the caller may do here, and what of it is used.</summary>
/// <param name="CallerId">Who you are.</param>
/// <param name="Scopes">What your credential opens.</param>
/// <param name="Key">The API key that you came with; null for other credentials.</param>
/// <param name="Mode"><c>live</c>, or <c>sandbox</c> where nothing costs anything.</param>
/// <param name="Frozen">The operator has stopped new spending.</param>
/// <param name="Budget">Your own budgets.</param>
/// <param name="Limits">How much at a time.</param>
/// <param name="Service">The whole deployment's; only for operators.</param>
internal sealed record AccountView(
    string CallerId, IReadOnlyList<string> Scopes, AccountKey? Key, string Mode, bool Frozen, AccountBudgets Budget, AccountLimits Limits,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ServiceView? Service);

/// <summary>An API key as its holder sees it.</summary>
/// <param name="Id">Of the key, whatever its secret.</param>
/// <param name="Name">As the operator named it.</param>
/// <param name="Hint">Prefix and last characters of its secret.</param>
/// <param name="ExpiresAt">From then on it opens nothing; null: it does not expire.</param>
internal sealed record AccountKey(string Id, string Name, string Hint, DateTimeOffset? ExpiresAt);

/// <summary>A caller's budgets.</summary>
/// <param name="Today">Since 00:00 UTC: jobs that were sent today, or created today and not sent yet.</param>
/// <param name="Total">Over all days; null where nothing limits that.</param>
/// <param name="Left">USD that a new job could cost now, whatever limits it; null where nothing does.</param>
internal sealed record AccountBudgets(BudgetView Today, BudgetView? Total, [property: Usd] string? Left);

/// <summary>One budget.</summary>
/// <param name="Limit">USD; null: no limit.</param>
/// <param name="Held">USD that running jobs may still cost.</param>
/// <param name="Spent">USD that ended jobs have cost.</param>
/// <param name="ResetsAt">When held and spent begin anew; null: never.</param>
internal sealed record BudgetView([property: Usd] string? Limit, [property: Usd] string Held, [property: Usd] string Spent, DateTimeOffset? ResetsAt);

/// <summary>How much at a time.</summary>
/// <param name="InFlight">Jobs at a time.</param>
/// <param name="JobsInFlight">Of these, now.</param>
/// <param name="RequestsPerMinute">Calls.</param>
/// <param name="OpenStreams">Event streams and waiting calls at a time.</param>
/// <param name="MostPerJob">USD that one job may cost, where a ticket says so.</param>
internal sealed record AccountLimits(int InFlight, int JobsInFlight, int RequestsPerMinute, int OpenStreams, [property: Usd] string? MostPerJob);

/// <summary>The whole deployment.</summary>
/// <param name="Today">Of all callers together.</param>
/// <param name="AnonymousToday">Of all callers without a credential together.</param>
/// <param name="InFlight">Jobs at a time.</param>
/// <param name="JobsInFlight">Of these, now.</param>
/// <param name="Freeze">Who stopped new spending, and why; null: nobody has.</param>
internal sealed record ServiceView(BudgetView Today, BudgetView AnonymousToday, int InFlight, int JobsInFlight, FreezeView? Freeze);

internal static class ShowAccount
{
    public static async Task<Ok<AccountView>> Handle(
        HttpContext context, Caller caller, Payers payers, ILedger ledger, IApiKeyStore keys, ServiceMode mode, IOptions<LimitsOptions> limits,
        TimeProvider time, CancellationToken cancel)
    {
        var payer = payers.Of(caller);
        var now = await ledger.Committed(payer, time.GetUtcNow(), cancel);
        var tomorrow = UtcTime.NextDay(time.GetUtcNow());
        var key = await keys.Find(caller.Id, cancel);

        return TypedResults.Ok(new AccountView(
            caller.Id,
            [.. Scope.All.Where(scope => context.User.HasClaim(CallerIdentity.ScopeClaim, scope))],
            key is null ? null : new AccountKey(key.Id, key.Name, key.Hint, key.ExpiresAt),
            mode.Word, now.Freeze is not null,
            new AccountBudgets(
                View(payer.PerDay, now.PayerToday, tomorrow),
                now.Payer is { } ever ? View(payer.InTotal, ever, null) : null,
                Money.Text(SpendingRules.Left(payer, now))),
            new AccountLimits(
                payer.InFlight, now.PayerInFlight, caller.Limits.RequestsPerMinute ?? limits.Value.RequestsPerMinute, limits.Value.OpenStreamsOf(caller),
                Money.Text(caller.MaxCostPerJob)),
            context.User.HasClaim(CallerIdentity.ScopeClaim, Scope.Operator)
                ? new ServiceView(
                    View(payer.EveryonePerDay, now.Everyone, tomorrow), View(payer.AnonymousPerDay, now.Anonymous, tomorrow), payer.EveryoneInFlight,
                    now.InFlight,
                    now.Freeze is { } freeze ? new FreezeView(freeze.Since, freeze.By, freeze.Reason) : null)
                : null));
    }

    private static BudgetView View(decimal? limit, Committed committed, DateTimeOffset? resetsAt) =>
        new(Money.Text(limit), Money.Text(committed.Held), Money.Text(committed.Spent), resetsAt);
}
