using System.Globalization;

namespace KlingProxy.Settings.Rules;

/// <summary>A day that is not before another one, as which a day that nobody set would count.</summary>
internal sealed class FromDayAttribute(string earliest) : SettingRuleAttribute
{
    public DateOnly Earliest { get; } = DateOnly.ParseExact(earliest, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    protected override string? Fault(object value) =>
        (DateOnly)value >= Earliest ? null : string.Create(CultureInfo.InvariantCulture, $"must be a day from {Earliest:yyyy-MM-dd} on.");
}
