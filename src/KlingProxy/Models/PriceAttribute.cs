using KlingProxy.Settings.Rules;

namespace KlingProxy.Models;

/// <summary>USD per second of video, more than nothing. Six decimals: an amount is then whole in millionths of a dollar, whatever stores it.</summary>
internal sealed class PriceAttribute : SettingRuleAttribute
{
    /// <summary>USD per second; a slip of the point by two places is beyond it.</summary>
    public const int Max = 100;

    private const int Decimals = 6;

    protected override string? Fault(object value) => value is decimal usd and > 0 and <= Max && decimal.Round(usd, Decimals) == usd
        ? null
        : $"must be above 0 and at most {Max} USD per second, with at most six decimals.";
}
