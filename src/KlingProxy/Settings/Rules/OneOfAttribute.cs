namespace KlingProxy.Settings.Rules;

/// <summary>One of a few words, in any case.</summary>
internal sealed class OneOfAttribute(params string[] words) : SettingRuleAttribute
{
    public IReadOnlyList<string> Words => words;

    protected override string? Fault(object value) =>
        words.Contains(((string)value).Trim(), StringComparer.OrdinalIgnoreCase) ? null : $"must be one of {string.Join(", ", words)}.";
}
