using System.Reflection;

using KlingProxy.Settings;
using KlingProxy.Settings.Rules;
using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Settings;

public sealed class EverySettingTests
{
    // Of each kind one that is no default; whichever suits.
    private static readonly string[] Unusual = ["true", "7", "00:00:07", "2020-02-02", "http://seven.example", "none"];

    // Not settings of ours: the platform's switch.
    private static readonly string[] Elsewhere = [nameof(KlingProxy.Access.AccessOptions.TrustsEverybodysHeaders), "AllowedHosts"];

    public static TheoryData<string> Names => [.. AllSettings.Known.Keys.Except(Elsewhere)];

    public static TheoryData<string> Bounded => [.. AllSettings.Rules.Where(rule => rule.Value is BoundsAttribute).Select(rule => rule.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Empty_is_the_default(string name)
    {
        foreach (var blank in new[] { "", " ", "\t" })
            Assert.Equal(AllSettings.Read().Values, AllSettings.Read((name, blank)).Values);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_set_arrives(string name) =>
        Assert.Contains(Unusual, value => AllSettings.Read((name, value)).Values != AllSettings.Read().Values);

    [Fact]
    public void Every_property_has_its_line_in_Read()
    {
        var read = AllSettings.Known.Keys.Select(SettingName.Plain).ToHashSet();

        Assert.Empty(
            from kind in AllSettings.Kinds
            from property in kind.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            where property.CanWrite && !Elsewhere.Contains(property.Name)
            let names = new[] { property.Name, AllSettings.SectionOf(kind) + property.Name }.Select(SettingName.Plain)
            where !read.Any(setting => names.Any(name => setting == name || setting.StartsWith($"{name}0", StringComparison.Ordinal) || IsLevelOf(name, property, setting)))
            select $"{kind.Name}.{property.Name} is never read: give it its line in {kind.Name}.Read.");
    }

    [Fact]
    public void Every_class_of_options_reads_itself_and_nothing_is_bound_behind_its_back()
    {
        Assert.Empty(
            from type in typeof(ISettings).Assembly.GetTypes()
            where type is { IsClass: true, Namespace: not null } && type.Namespace.StartsWith("KlingProxy.", StringComparison.Ordinal) && type.Name.EndsWith("Options", StringComparison.Ordinal)
            where !type.IsAssignableTo(typeof(ISettings)) && type != typeof(KlingProxy.Models.ModelOptions)
            select $"{type.FullName} is no ISettings.");
        Assert.Empty(
            from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "KlingProxy"), "*.cs", SearchOption.AllDirectories)
            let text = File.ReadAllText(file)
            where text.Contains("BindConfiguration(", StringComparison.Ordinal) || text.Contains("onfiguration[\"", StringComparison.Ordinal)
            select $"{file} reads the configuration by itself: AddSettings, or Said.");
    }

    [Fact]
    public void Everything_unreadable_is_named_at_once()
    {
        (string, string?)[] set =
        [
            ("Budget__PerDay", "ten"), ("Budget__PerCaller", "1,000"), ("Budget__AnonymousPerDay", "$5"), ("Limits__InFlight", "many"), ("Limits__InFlightPerCaller", "none"),
            ("Jobs__PollInterval", "fast"), ("Jobs__SubmitWait", "5"), ("Access__Anonymous", "yes"), ("Catalog__Models__0__Price", "0,42"), ("Catalog__Models__1__PricedOn", "yesterday"),
        ];

        var reading = AllSettings.Read(set).Reading;

        var faults = AllSettings.Kinds.SelectMany(kind => reading.FaultsUnder(AllSettings.SectionOf(kind))).ToList();
        Assert.Equal(set.Select(setting => setting.Item1).Order(), faults.Select(fault => fault.Split(' ')[0]).Order());
        Assert.DoesNotContain(faults, fault => fault.Contains("ten", StringComparison.Ordinal)); // nobody knows which secret went into the wrong place
    }

    [Theory]
    [InlineData("Budget__PerDay", "none", "'PerDay':null")]
    [InlineData("Budget__PerCallerPerDay", "None", "'PerCallerPerDay':null")]
    [InlineData("Budget__PerDay", "12.50", "'PerDay':12.50")]
    [InlineData("Budget__PerCaller", " 7 ", "'PerCaller':7")]
    [InlineData("Jobs__PollInterval", "00:01", "PollInterval':'00:01:00")]
    [InlineData("Access__Anonymous", "TRUE", "'Anonymous':true")]
    [InlineData("Access__Origins__7", "https://a.example", "'Origins':['https://a.example']")]
    [InlineData("Fal__MediaHosts__0", "a.example", "'MediaHosts':['a.example']")]
    public void Is_read_as_it_is_written(string name, string value, string becomes) =>
        Assert.Contains(becomes, AllSettings.Read((name, value)).Values.Replace('"', '\''), StringComparison.Ordinal);

    [Fact]
    public void An_empty_item_of_a_list_is_none() => Assert.Contains(
        "'Origins':['https://b.example']",
        AllSettings.Read(("Access__Origins__0", ""), ("Access__Origins__1", "https://b.example")).Values.Replace('"', '\''),
        StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Bounded))]
    public void A_bound_is_held_to_the_last_digit(string name)
    {
        var bounds = (BoundsAttribute)AllSettings.Rules[name];

        Assert.Empty(AllSettings.FaultsOf((name, Written(bounds.Min))));
        Assert.Empty(AllSettings.FaultsOf((name, Written(bounds.Max))));
        var rule = $"{name} must lie between {Written(bounds.Min)} and {Written(bounds.Max)}";
        foreach (var beyond in new[] { Written(bounds.Min, -1), Written(bounds.Max, 1) })
            Assert.StartsWith(rule, Assert.Single(AllSettings.FaultsOf((name, beyond))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Fal__Mode", "Sandbux")]
    [InlineData("Fal__QueueUrl", "http://fal.example")]
    [InlineData("Fal__PlatformUrl", "https://a.example?x")]
    [InlineData("Fal__WebhookUrl", "ftp://a.example")]
    [InlineData("PublicUrl", "https://a.example/#x")]
    [InlineData("FAL_KEY", "a b")]
    [InlineData("FAL_KEY_FILE", "/nowhere")]
    [InlineData("FAL_ADMIN_KEY", "ä")]
    [InlineData("FAL_ADMIN_KEY_FILE", "/nowhere")]
    [InlineData("Access__OperatorKey", "short")]
    [InlineData("Access__OperatorKeyFile", "/nowhere")]
    [InlineData("Access__Jwt__Authority", "http://a.example", "Access__Jwt__Audience", "app")]
    [InlineData("Catalog__Models__0__Id", "x")]
    [InlineData("Catalog__Models__1__Price", "0.0000001")]
    [InlineData("Catalog__Models__2__Title", "0123456789012345678901234567890123456789012345678901234567890123456789012345678901")]
    [InlineData("Catalog__Models__2__PricedOn", "2023-12-31")]
    public void Any_other_rule_names_its_setting_too(string name, string value, string beside = "Fal__UserId", string besideValue = "x") =>
        Assert.StartsWith($"{name} ", Assert.Single(AllSettings.FaultsOf((name, value), (beside, besideValue))), StringComparison.Ordinal);

    [Fact]
    public void A_rule_speaks_of_a_setting_that_is_read() => Assert.Empty(AllSettings.Rules.Keys.Except(AllSettings.Known.Keys));

    [Fact]
    public void Every_number_time_amount_and_day_has_a_bound() => Assert.Empty(
        from kind in AllSettings.Kinds.Append(typeof(KlingProxy.Models.ModelOptions))
        from property in kind.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        let type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType
        where property.CanWrite && type.IsValueType && type != typeof(bool) && property.GetCustomAttribute<SettingRuleAttribute>() is null
        select $"{kind.Name}.{property.Name} has no bound.");

    private static string Written(IComparable bound, int further = 0) => bound is TimeSpan time
        ? new TimeSpan(time.Ticks + further).ToString("c")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(decimal)bound + further}");

    // Jwt holds Authority: the property is a level, not a name.
    private static bool IsLevelOf(string name, PropertyInfo property, string setting) =>
        property.PropertyType is { IsClass: true, Namespace: { } space } && space.StartsWith("KlingProxy", StringComparison.Ordinal) && setting.StartsWith(name, StringComparison.Ordinal);
}
