namespace KlingProxy.Settings.Rules;

/// <summary>A file that holds a secret.</summary>
internal sealed class ReadableFileAttribute : SettingRuleAttribute
{
    protected override string? Fault(object value) =>
        value is "" || SecretFile.Read((string)value) is not null ? null : "names a file that cannot be read, or is empty.";
}
