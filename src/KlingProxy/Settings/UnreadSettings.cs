using System.Text.RegularExpressions;

namespace KlingProxy.Settings;

/// <summary>
/// Names that look like settings of ours and that nobody reads. Whoever wrote <c>Budget__PerDya</c> believes in a limit that is not there.
/// Names of the platform around us are none of our business, so what merely begins like one of ours must also read like one.
/// </summary>
internal static partial class UnreadSettings
{
    /// <summary>Sections with so short a name begin other words too, such as fallback and jobserver.</summary>
    private const int ShortWord = 4;

    /// <summary>The host reads names with these as well, without them, but below appsettings.json: what is set so is beaten by every default there.</summary>
    private static readonly string[] Prefixes = ["ASPNETCORE_", "DOTNET_"];

    /// <returns>One sentence for each, with the nearest right name.</returns>
    public static IEnumerable<string> Of(SettingsReading reading)
    {
        string[] known = [.. reading.Known.Keys.Order(StringComparer.Ordinal)];
        var plainly = known.ToLookup(IsOursInCapitals, SettingName.Plain);
        string[] sections = [.. known.Where(key => key.Contains(':', StringComparison.Ordinal)).Select(FirstLevel).Distinct(StringComparer.OrdinalIgnoreCase)];

        foreach (var key in reading.Configuration.AsEnumerable().Select(setting => setting.Key).Order(StringComparer.Ordinal))
        {
            if (reading.Known.ContainsKey(key) || reading.Configuration.Said(key) is null)
                continue;
            if (sections.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                if (!IsInCapitals(key, reading.Configuration))
                    yield return $"{key} is read by nobody: it is a section. Write {key}__ and one of {string.Join(", ", Below(key, known))}.";
                continue;
            }
            if (WithoutPrefix(key) is { } meant && (reading.Known.ContainsKey(meant) || IsUnderOneOf(sections, meant)))
                yield return $"{SettingName.InEnvironment(key)} is overruled by appsettings.json. Leave the prefix out: "
                    + $"{SettingName.InEnvironment(Nearest(meant, known))}.";
            else if (!ServiceLink().IsMatch(key) && LooksLikeOurs(key, plainly, sections))
                yield return Sentence(key, Nearest(key, known));
        }
    }

    private static IEnumerable<string> Below(string section, string[] known) =>
        known.Where(name => IsUnderOneOf([section], name)).Select(name => name.Split(':')[1]).Distinct(StringComparer.Ordinal);

    // Of a name with levels below it the configuration tells the first spelling that it met, which is that of appsettings.json. JOBS=4 is somebody else's.
    private static bool IsInCapitals(string key, IConfigurationRoot configuration) =>
        configuration.Providers.Where(source => source.TryGet(key, out var value) && !string.IsNullOrWhiteSpace(value))
            .SelectMany(source => source.GetChildKeys([], null))
            .Any(name => name.Equals(key, StringComparison.OrdinalIgnoreCase) && IsCapitals(name));

    private static string? WithoutPrefix(string key) =>
        Array.Find(Prefixes, prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is { } prefix ? key[prefix.Length..] : null;

    private static bool IsUnderOneOf(string[] sections, string key) =>
        key.Contains(':', StringComparison.Ordinal) && sections.Contains(FirstLevel(key), StringComparer.OrdinalIgnoreCase);

    private static bool LooksLikeOurs(string key, ILookup<bool, string> known, string[] sections)
    {
        if (IsUnderOneOf(sections, key))
            return true;
        if (!IsCapitals(key) && sections.Any(section => BeginsWith(section, key))) // the names that a machine shares are all capitals
            return true;
        if (key is "FAL_KEY_ID" or "FAL_KEY_SECRET") // fal's own clients take them in the place of FAL_KEY, and may share our environment
            return false;
        var plain = SettingName.Plain(key);
        if (plain.StartsWith("falkey", StringComparison.Ordinal) || plain.StartsWith("faladmin", StringComparison.Ordinal))
            return true;
        return known.Where(names => names.Key || !IsCapitals(key)).SelectMany(names => names)
            .Any(name => SettingName.IsNear(plain, name, Tolerance(plain)));
    }

    private static bool BeginsWith(string section, string key) =>
        key.StartsWith(section, StringComparison.OrdinalIgnoreCase)
        && (section.Length > ShortWord || key.Length == section.Length || !char.IsAsciiLetterLower(key[section.Length]));

    // PUBLIC_URL and ALLOWED_HOSTS mean something to other programs; BUDGET_PER_DAY only to ours.
    private static bool IsOursInCapitals(string name) => name.Contains(':', StringComparison.Ordinal) || IsCapitals(name);

    private static bool IsCapitals(string key) => !key.Any(char.IsAsciiLetterLower);

    private static int Tolerance(string plain) => Math.Clamp(plain.Length / 5, 1, 3);

    // Of two that are equally near the longer one, which has more in common.
    private static string Nearest(string key, string[] known) => known.OrderByDescending(name => name.Length).MinBy(name => Farness(key, name))!;

    private static int Farness(string key, string name)
    {
        var (written, meant) = (SettingName.Plain(key), SettingName.Plain(name));
        var (below, belowMeant) = (SettingName.Plain(BelowFirstLevel(key)), SettingName.Plain(BelowFirstLevel(name)));
        if (meant == written)
            return 0;
        if (meant.StartsWith(written, StringComparison.Ordinal))
            return 1; // a level is missing, or the number of an item
        if (belowMeant.EndsWith(below, StringComparison.Ordinal) && FirstLevel(key) == FirstLevel(name))
            return 2; // half of a name
        return Math.Min(SettingName.Distance(written, meant), SettingName.Distance(below, belowMeant) + 2); // perhaps of another section
    }

    private static string Sentence(string key, string nearest) => key.Contains("__", StringComparison.Ordinal)
        ? $"{key} is read by nobody. On the command line and in JSON the levels are parted by a colon: {nearest}."
        : $"{SettingName.InEnvironment(key)} is read by nobody. Did you mean {SettingName.InEnvironment(nearest)}?";

    private static string FirstLevel(string key) => key.Split(':', '_')[0];

    private static string BelowFirstLevel(string key) => key[(key.IndexOfAny([':', '_']) + 1)..];

    /// <summary>What Kubernetes and Docker's links tell every container about a service of that name.</summary>
    [GeneratedRegex(@"^[A-Z0-9_:]+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex ServiceLink();
}
