namespace KlingProxy.Settings.Rules;

/// <summary>How many characters a text has, and that they are not all blank.</summary>
internal sealed class CharactersAttribute(int min, int max) : SettingRuleAttribute
{
    public int Min => min;

    public int Max => max;

    protected override string? Fault(object value) =>
        value is string text && !string.IsNullOrWhiteSpace(text) && text.Length >= min && text.Length <= max ? null : $"must have {min} to {max} characters.";
}
