namespace KlingProxy.Settings.Rules;

/// <summary>A secret that can stand in a header: visible ASCII characters. The value never shows in what is said.</summary>
internal sealed class KeyTextAttribute : SettingRuleAttribute
{
    /// <summary>In characters, so that nobody guesses one that was made up here.</summary>
    public int MinLength { get; set; }

    protected override string? Fault(object value)
    {
        if (value is "" || (value is string text && text.Length >= MinLength && text.All(character => character is >= '!' and <= '~')))
            return null;
        return MinLength > 0 ? $"needs at least {MinLength} visible ASCII characters." : "holds white space or characters that no key has.";
    }
}
