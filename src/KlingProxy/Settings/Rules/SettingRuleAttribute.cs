using System.ComponentModel.DataAnnotations;

namespace KlingProxy.Settings.Rules;

/// <summary>
/// What the value of one setting must be. It stands at the property, once: the start, README's table and the tests read it there. The platform's own attributes
/// speak of fields of a class; these name the setting as an operator writes it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class SettingRuleAttribute : ValidationAttribute
{
    /// <summary>Of a setting that stands above all sections, such as <c>FAL_KEY</c>; else it has the property's own below its section.</summary>
    public string? Name { get; set; }

    /// <returns>What is wrong, to follow the name of the setting; <c>null</c> when nothing is.</returns>
    protected abstract string? Fault(object value);

    /// <summary>A value that is not there is good: where one must be, another rule says so.</summary>
    protected sealed override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is not null && Fault(value) is { } fault
            ? new ValidationResult(SettingName.Fault(Name ?? SettingName.Key(validationContext.DisplayName), fault))
            : ValidationResult.Success;
}
