using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Limits;
using KlingProxy.Ids;

using Microsoft.Extensions.Options;

namespace KlingProxy.Spending;

/// <summary>Whose budget a job is paid from, with everything that limits it. <c>null</c> is no such limit; amounts are USD, days are UTC.</summary>
/// <param name="Id">What ledger entries are booked under.</param>
/// <param name="PerDay">Of this payer.</param>
/// <param name="InTotal">Of this payer, over its life.</param>
/// <param name="InFlight">Jobs of this payer at a time.</param>
/// <param name="IsAnonymous">Came without a credential, and shares a purse with all who did.</param>
/// <param name="AnonymousPerDay">Of that purse.</param>
/// <param name="EveryonePerDay">Of the deployment.</param>
/// <param name="EveryoneInFlight">Jobs of the deployment at a time.</param>
internal sealed record Payer(
    CallerId Id, decimal? PerDay, decimal? InTotal, int InFlight, bool IsAnonymous, decimal? AnonymousPerDay, decimal? EveryonePerDay, int EveryoneInFlight)
{
    /// <summary>What it is asked for with: money is spoken for only while that is good for it.</summary>
    public Credential Credential { get; init; } = Credential.Lasting;
}

/// <summary>Knows what each caller's payer may spend.</summary>
internal sealed class Payers(IOptions<BudgetOptions> budget, IOptions<LimitsOptions> limits, IApiKeyStore keys)
{
    public Payer Of(Caller caller) => new(
        caller.PayerId,
        caller.Limits.BudgetPerDay ?? budget.Value.PerCallerPerDay,
        caller.Limits.BudgetTotal ?? budget.Value.PerCaller,
        caller.Limits.InFlight ?? limits.Value.InFlightPerCaller,
        caller.Kind == CallerKind.Anonymous,
        budget.Value.AnonymousPerDay,
        budget.Value.PerDay,
        limits.Value.InFlight)
    {
        Credential = caller.Credential,
    };

    /// <summary>The same for a job that was recorded before, by whatever its key allows now.</summary>
    public async Task<Payer> Of(CallerId payerId, CancellationToken cancel) =>
        Of(new Caller(payerId) { Limits = (await keys.Find(payerId, cancel))?.Limits ?? KeyLimits.Standard });
}
