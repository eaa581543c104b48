using System.Globalization;

namespace KlingProxy.Settings.Rules;

/// <summary>Where a number, an amount or a time must lie, both ends included.</summary>
internal sealed class BoundsAttribute : SettingRuleAttribute
{
    public BoundsAttribute(long min, long max) => (Min, Max) = ((decimal)min, (decimal)max);

    /// <summary>Of times, as an operator writes them: <c>00:00:30</c>, <c>7.00:00:00</c>.</summary>
    public BoundsAttribute(string min, string max) =>
        (Min, Max) = (TimeSpan.Parse(min, CultureInfo.InvariantCulture), TimeSpan.Parse(max, CultureInfo.InvariantCulture));

    /// <summary>A <see cref="TimeSpan"/>, or a <see cref="decimal"/>, whatever kind of number the setting is.</summary>
    public IComparable Min { get; }

    /// <inheritdoc cref="Min"/>
    public IComparable Max { get; }

    /// <summary>Whether no limit at all may be said, as <c>none</c>.</summary>
    public bool OrNone { get; set; }

    protected override string? Fault(object value)
    {
        IComparable comparable = value is TimeSpan time ? time : Convert.ToDecimal(value, CultureInfo.InvariantCulture);
        if (comparable.CompareTo(Min) >= 0 && comparable.CompareTo(Max) <= 0)
            return null;
        return string.Create(CultureInfo.InvariantCulture, $"must lie between {Min} and {Max}{(OrNone ? $", or be {SettingsSection.None}" : "")}.");
    }
}
