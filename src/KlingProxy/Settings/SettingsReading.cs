using System.Collections.Concurrent;

namespace KlingProxy.Settings;

/// <summary>What was asked of the configuration while the settings were read: which names exist, with their defaults, and which values make no sense.</summary>
internal sealed class SettingsReading(IConfigurationRoot configuration)
{
    /// <summary>The platform's own guard, which is read by name elsewhere; a slip in it counts like one in ours.</summary>
    private const string AllowedHosts = "AllowedHosts";

    private readonly ConcurrentDictionary<string, string?> known =
        new([KeyValuePair.Create<string, string?>(AllowedHosts, "*")], StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, string> faults = new(StringComparer.OrdinalIgnoreCase);

    public IConfigurationRoot Configuration => configuration;

    /// <summary>Every setting that was read, with its default as an operator would write it; <c>null</c> where there is none.</summary>
    public IReadOnlyDictionary<string, string?> Known => known;

    /// <returns>What is set; <c>null</c> when nobody said anything.</returns>
    public string? Value(string key, string? byDefault)
    {
        known[key] = byDefault;
        return configuration.Said(key);
    }

    /// <param name="rule">What the value must be, to follow the name of the setting.</param>
    public void Refuse(string key, string rule) => faults[key] = SettingName.Fault(key, rule);

    public IReadOnlyList<string> FaultsUnder(string section) =>
        [.. faults.Where(fault => IsUnder(section, fault.Key)).OrderBy(fault => fault.Key, StringComparer.Ordinal).Select(fault => fault.Value)];

    private static bool IsUnder(string section, string key) => key.StartsWith($"{section}:", StringComparison.OrdinalIgnoreCase);
}
