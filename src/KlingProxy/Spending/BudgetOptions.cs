using KlingProxy.Settings;

using Microsoft.Extensions.Options;

namespace KlingProxy.Spending;

/// <summary>
/// Hard stops. All in USD; days are UTC. What is not set has its default: nobody spends without a limit by leaving something out, only by saying <c>none</c>.
/// </summary>
internal sealed class BudgetOptions : ISettings
{
    public static string Section => "Budget";

    /// <summary>For the whole deployment. The last line of defence, whatever keys and callers there are. 0 – 1,000,000,000.</summary>
    public decimal? PerDay { get; set; } = 50;

    /// <summary>For each caller; a key's own <c>budget_per_day</c> wins. 0 – 1,000,000,000.</summary>
    public decimal? PerCallerPerDay { get; set; } = 10;

    /// <summary>For each caller, over its life; a key's own <c>budget_total</c> wins. 0 – 1,000,000,000; none unless set.</summary>
    public decimal? PerCaller { get; set; }

    /// <summary>For all callers without a credential together: anyone can have many addresses. 0 – 1,000,000,000.</summary>
    public decimal? AnonymousPerDay { get; set; } = 5;

    public void Read(SettingsSection settings)
    {
        PerDay = settings.AmountOrNone(nameof(PerDay), PerDay);
        PerCallerPerDay = settings.AmountOrNone(nameof(PerCallerPerDay), PerCallerPerDay);
        PerCaller = settings.AmountOrNone(nameof(PerCaller), PerCaller);
        AnonymousPerDay = settings.AmountOrNone(nameof(AnonymousPerDay), AnonymousPerDay);
    }
}

internal sealed class BudgetOptionsValidator : IValidateOptions<BudgetOptions>
{
    private const decimal Max = 1_000_000_000;

    public ValidateOptionsResult Validate(string? name, BudgetOptions options)
    {
        (string Setting, decimal? Value)[] settings =
        [
            ("Budget__PerDay", options.PerDay), ("Budget__PerCallerPerDay", options.PerCallerPerDay),
            ("Budget__PerCaller", options.PerCaller), ("Budget__AnonymousPerDay", options.AnonymousPerDay),
        ];
        var faults = settings.Where(setting => setting.Value is < 0 or > Max).Select(setting => $"{setting.Setting} must be an amount in USD from 0 to {Max}, or {SettingsSection.None}.").ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
