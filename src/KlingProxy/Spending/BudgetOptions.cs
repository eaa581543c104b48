using KlingProxy.Settings;
using KlingProxy.Settings.Rules;

using Microsoft.Extensions.Options;

namespace KlingProxy.Spending;

/// <summary>
/// Hard stops. All in USD; days are UTC. What is not set has its default: nobody spends without a limit by leaving something out, only by saying <c>none</c>.
/// </summary>
internal sealed class BudgetOptions : ISettings
{
    private const long Max = 1_000_000_000;

    public static string Section => "Budget";

    /// <summary>For the whole deployment. The last line of defence, whatever keys and callers there are.</summary>
    [Bounds(0, Max, OrNone = true)]
    public decimal? PerDay { get; set; } = 50;

    /// <summary>For each caller; a key's own <c>budget_per_day</c> wins.</summary>
    [Bounds(0, Max, OrNone = true)]
    public decimal? PerCallerPerDay { get; set; } = 10;

    /// <summary>For each caller, over its life; a key's own <c>budget_total</c> wins. None unless set.</summary>
    [Bounds(0, Max, OrNone = true)]
    public decimal? PerCaller { get; set; }

    /// <summary>For all callers without a credential together: anyone can have many addresses.</summary>
    [Bounds(0, Max, OrNone = true)]
    public decimal? AnonymousPerDay { get; set; } = 5;

    public void Read(SettingsSection settings)
    {
        PerDay = settings.AmountOrNone(nameof(PerDay), PerDay);
        PerCallerPerDay = settings.AmountOrNone(nameof(PerCallerPerDay), PerCallerPerDay);
        PerCaller = settings.AmountOrNone(nameof(PerCaller), PerCaller);
        AnonymousPerDay = settings.AmountOrNone(nameof(AnonymousPerDay), AnonymousPerDay);
    }
}

[OptionsValidator]
internal sealed partial class BudgetOptionsValidator : IValidateOptions<BudgetOptions>;
