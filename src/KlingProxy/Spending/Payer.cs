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

    /// <summary>What counts where its key says nothing; <c>null</c> where no key is asked.</summary>
    public KeyLimits? Usual { get; init; }

    /// <summary>The same by what its key allows now: an operator may have changed that since the request began.</summary>
    public Payer Under(KeyLimits own) => Usual is not { } usual ? this : this with
    {
        PerDay = own.BudgetPerDay ?? usual.BudgetPerDay,
        InTotal = own.BudgetTotal ?? usual.BudgetTotal,
        InFlight = own.InFlight ?? usual.InFlight ?? InFlight,
    };
}

/// <summary>Knows what each caller's payer may spend.</summary>
internal sealed class Payers(IOptions<BudgetOptions> budget, IOptions<LimitsOptions> limits, IApiKeyStore keys)
{
    public Payer Of(Caller caller)
    {
        var usual = new KeyLimits(budget.Value.PerCallerPerDay, budget.Value.PerCaller, limits.Value.InFlightPerCaller);
        return new Payer(
            caller.PayerId, null, null, limits.Value.InFlightPerCaller, caller.Kind == CallerKind.Anonymous, budget.Value.AnonymousPerDay,
            budget.Value.PerDay, limits.Value.InFlight)
        {
            Credential = caller.Credential,
            Usual = usual,
        }.Under(caller.Limits);
    }

    /// <summary>The same for a job that was recorded before, by whatever its key allows now.</summary>
    public async Task<Payer> Of(CallerId payerId, CancellationToken cancel) =>
        Of(new Caller(payerId) { Limits = (await keys.Find(payerId, cancel))?.Limits ?? KeyLimits.Standard });
}
