using System.Globalization;
using System.Text.RegularExpressions;

using KlingProxy.Models;
using KlingProxy.Settings.Rules;
using KlingProxy.Startup;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Settings;

using Microsoft.Extensions.Configuration;

namespace KlingProxy.Tests.Deploy;

/// <summary>
/// The table in README and appsettings.json hold every setting that is read, and no other, each with its default; the table also with what it may be.
/// </summary>
public sealed partial class SettingsTableTests
{
    /// <summary>The platform's own, which README tells beside ours.</summary>
    private static readonly string[] OfThePlatform = ["ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT"];

    /// <summary>No secret stands in a file that everybody has; and what is open depends on where it runs.</summary>
    private static readonly string[] NeverInTheFile = ["FAL_KEY", "FAL_KEY_FILE", "FAL_ADMIN_KEY", "FAL_ADMIN_KEY_FILE", "Access__OperatorKey", "Access__OperatorKeyFile", "Access__Anonymous"];

    private static readonly (TimeSpan Length, string Name)[] Units =
    [
        (TimeSpan.FromDays(1), "days"), (TimeSpan.FromHours(1), "h"), (TimeSpan.FromMinutes(1), "min"),
        (TimeSpan.FromSeconds(1), "s"), (TimeSpan.FromMilliseconds(1), "ms"),
    ];

    // Of lists the first item stands for all.
    private static readonly Dictionary<string, string?> Known = AllSettings.Known.Where(setting => !LaterItem().IsMatch(setting.Key)).ToDictionary();

    private static readonly Dictionary<string, (string Default, string Bounds)> Table = Rows().ToDictionary(row => row.Name, row => (row.Default, row.Bounds));

    public static TheoryData<string, string?> Defaults
    {
        get
        {
            var rows = new TheoryData<string, string?>();
            foreach (var (name, byDefault) in Known)
                rows.Add(name, byDefault);
            return rows;
        }
    }

    public static TheoryData<string> Names => [.. Known.Keys];

    [Fact]
    public void README_names_every_setting_and_no_other()
    {
        Assert.Empty(Known.Keys.Except(Table.Keys));
        Assert.Empty(Table.Keys.Except(Known.Keys).Except(OfThePlatform));
    }

    [Theory]
    [MemberData(nameof(Defaults))]
    public void README_has_the_default_of(string name, string? byDefault)
    {
        var told = Table[name].Default;
        if (byDefault is null || name.StartsWith("Catalog__Models__", StringComparison.Ordinal))
            Assert.False(Amount().IsMatch(told), $"README says {told}, and there is no default."); // "–", or in words where it comes from
        else
            Assert.Equal(byDefault, InOurWords(told));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void README_has_the_bounds_of(string name) =>
        Assert.Equal(AllSettings.Rules.TryGetValue(name, out var rule) ? InTheTable(rule) : "–", Table[name].Bounds);

    [Fact]
    public void README_says_how_much_play_money_there_is()
    {
        var told = PlayMoney().Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).Groups;

        Assert.Equal(
            SandboxSwitch.PlayMoney.Select(budget => (budget.Key, decimal.Parse(budget.Value!, CultureInfo.InvariantCulture))).Order(),
            new[] { ("Budget:PerDay", "day"), ("Budget:PerCallerPerDay", "each"), ("Budget:AnonymousPerDay", "each") }
                .Select(budget => (budget.Item1, decimal.Parse(told[budget.Item2].Value, CultureInfo.InvariantCulture))).Order());
    }

    [Fact]
    public void The_file_holds_every_setting_but_secrets_with_its_default()
    {
        var file = new ConfigurationBuilder().AddJsonFile(Path.Combine(Repository.Root, "appsettings.json")).Build();

        foreach (var (name, byDefault) in Known.Where(setting => !NeverInTheFile.Contains(setting.Key) && !setting.Key.StartsWith("Catalog__Models__", StringComparison.Ordinal)))
        {
            var key = name.Replace("__", ":", StringComparison.Ordinal);
            Assert.True(file.AsEnumerable().Any(setting => setting.Key == key || $"{setting.Key}:0" == key), $"appsettings.json has no {name}.");
            Assert.Equal((name, byDefault ?? ""), (name, (file[key] ?? "") is "True" or "False" ? file[key]!.ToLowerInvariant() : file[key] ?? ""));
        }
        Assert.DoesNotContain(file.AsEnumerable(), setting => NeverInTheFile.Contains(setting.Key.Replace(":", "__", StringComparison.Ordinal)));
    }

    // | `Limits__InFlight`, `…InFlightPerCaller` | 40, 4 | 1 – 1,000,000 | meaning |
    private static IEnumerable<(string Name, string Default, string Bounds)> Rows()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var section = readme[readme.IndexOf("\n## Settings\n", StringComparison.Ordinal)..];
        foreach (Match row in Row().Matches(section[..section.IndexOf("\n## ", 5, StringComparison.Ordinal)]))
        {
            var names = new List<string>();
            foreach (Match name in Code().Matches(row.Groups["names"].Value))
                names.Add(name.Groups[1].Value is ['…', .. var rest] ? names[0][..(names[0].LastIndexOf("__", StringComparison.Ordinal) + 2)] + rest : name.Groups[1].Value);
            var defaults = Separator().Split(Aside().Replace(row.Groups["defaults"].Value, "").Trim());
            Assert.True(defaults.Length == 1 || defaults.Length == names.Count, $"README: {names.Count} names and {defaults.Length} defaults in the row of {names[0]}.");
            var bounds = names is [_] ? [row.Groups["bounds"].Value] : row.Groups["bounds"].Value.Split(", ");
            Assert.True(
                bounds.Length == 1 || bounds.Length == names.Count, $"README: {names.Count} names and {bounds.Length} bounds in the row of {names[0]}.");
            for (var i = 0; i < names.Count; i++)
                yield return (names[i], defaults[defaults.Length == 1 ? 0 : i], bounds[bounds.Length == 1 ? 0 : i]);
        }
    }

    private static string InTheTable(SettingRuleAttribute rule) => rule switch
    {
        BoundsAttribute bounds => $"{InTheTable(bounds.Min)} – {InTheTable(bounds.Max)}{(bounds.OrNone ? " or `none`" : "")}",
        AddressAttribute { IsForSecrets: true } => "https; http on loopback",
        AddressAttribute => "http or https",
        OneOfAttribute words => string.Join(", ", words.Words.Select(word => $"`{word}`")),
        CharactersAttribute length => $"{length.Min} – {length.Max} characters",
        KeyTextAttribute { MinLength: > 0 } key => $"{key.MinLength} characters or more",
        FromDayAttribute day => $"from {day.Earliest:yyyy-MM-dd}",
        PriceAttribute => $"above 0 to {PriceAttribute.Max}",
        KeyTextAttribute or ReadableFileAttribute => "–", // any that can be sent, or read
        _ => throw new NotSupportedException($"README's table has no words yet for {rule.GetType().Name}."),
    };

    // In the largest unit of which it is a whole number.
    private static string InTheTable(IComparable bound) => bound switch
    {
        TimeSpan { Ticks: 0 } => "0",
        TimeSpan time when time == TimeSpan.FromDays(1) => "1 day",
        TimeSpan time => Units.Where(unit => time.Ticks % unit.Length.Ticks == 0).Select(unit => $"{time.Ticks / unit.Length.Ticks} {unit.Name}").First(),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bound:N0}"),
    };

    private static string InOurWords(string told) => Span().Match(told) is not { Success: true } span ? told.Trim('`') : (span.Groups[2].Value switch
    {
        "ms" => TimeSpan.FromMilliseconds(1),
        "s" => TimeSpan.FromSeconds(1),
        "min" => TimeSpan.FromMinutes(1),
        "h" => TimeSpan.FromHours(1),
        _ => TimeSpan.FromDays(1),
    } * int.Parse(span.Groups[1].Value, CultureInfo.InvariantCulture)).ToString("c");

    [GeneratedRegex(@"play money: (?<day>[\d,]+) USD a day, (?<each>[\d,]+) for each caller and for all without a credential together")]
    private static partial Regex PlayMoney();

    [GeneratedRegex(@"^\| (?<names>`.*?) \| (?<defaults>.*?) \| (?<bounds>.*?) \| .* \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@" \([^)]*\)")]
    private static partial Regex Aside();

    [GeneratedRegex(", (?=[`0-9–])")]
    private static partial Regex Separator();

    [GeneratedRegex("^([0-9]+) (ms|s|min|h|days?)$")]
    private static partial Regex Span();

    [GeneratedRegex("^`?[0-9.]+")]
    private static partial Regex Amount();

    [GeneratedRegex("__[1-9][0-9]*(__|$)")]
    private static partial Regex LaterItem();
}
