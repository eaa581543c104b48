using System.Globalization;

namespace KlingProxy.Settings;

/// <summary>
/// Reads the settings of one section, each by its name, kind and default. By hand, because the two binders of the platform (generated, and by
/// reflection) take an empty text differently, stop at the first value that makes no sense, and pass over names that they do not know.
/// </summary>
internal sealed class SettingsSection(SettingsReading reading, string path)
{
    /// <summary>How "no limit" is said, so that nobody loses one by leaving a value empty.</summary>
    public const string None = "none";

    private delegate bool Parse<T>(string text, out T value);

    /// <summary>Settings that stand above all sections.</summary>
    public SettingsSection Root => new(reading, "");

    public string? Text(string name) => reading.Value(Key(name), null);

    public string Text(string name, string byDefault) => reading.Value(Key(name), byDefault) ?? byDefault;

    public bool Flag(string name, bool byDefault) =>
        Read<bool>(name, byDefault, byDefault ? "true" : "false", bool.TryParse, "must be true or false.");

    public int Number(string name, int byDefault) =>
        Read<int>(name, byDefault, byDefault.ToString(CultureInfo.InvariantCulture), TryNumber, "must be a whole number, such as 40.");

    public long LongNumber(string name, long byDefault) =>
        Read<long>(name, byDefault, byDefault.ToString(CultureInfo.InvariantCulture), TryLongNumber, "must be a whole number, such as 1048576.");

    /// <summary>USD.</summary>
    public decimal Amount(string name, decimal byDefault) =>
        Read<decimal>(name, byDefault, byDefault.ToString(CultureInfo.InvariantCulture), TryAmount, "must be an amount in USD, such as 12.50.");

    /// <summary>USD; <c>null</c> is no limit.</summary>
    public decimal? AmountOrNone(string name, decimal? byDefault) => Read<decimal?>(
        name, byDefault, byDefault?.ToString(CultureInfo.InvariantCulture) ?? None, OrNone<decimal>(TryAmount),
        $"must be an amount in USD, such as 12.50, or {None}.");

    public TimeSpan Time(string name, TimeSpan byDefault) =>
        Read<TimeSpan>(name, byDefault, byDefault.ToString("c"), TryTime, "must be a time, such as 00:00:30 (30 seconds) or 7.00:00:00 (7 days).");

    public DateOnly Day(string name, DateOnly byDefault) =>
        Read<DateOnly>(name, byDefault, null, TryDay, "must be a day, such as 2026-08-01.");

    /// <summary>One item for each number: <c>Access__Origins__0</c>, <c>Access__Origins__1</c>, … An empty one is none.</summary>
    public List<string> List(string name, params IEnumerable<string> byDefault)
    {
        var said = Numbers(name).Select(number => reading.Value($"{Key(name)}:{number}", null)).OfType<string>().ToList();
        reading.Value($"{Key(name)}:0", byDefault.FirstOrDefault());
        return said is [] ? [.. byDefault] : said;
    }

    /// <summary>Like <see cref="List"/>, of things with settings of their own.</summary>
    public IEnumerable<SettingsSection> Items(string name) => Numbers(name).Select(number => Below($"{name}:{number}"));

    public SettingsSection Below(string name) => new(reading, Key(name));

    /// <summary>A setting of the platform, which is not ours to describe.</summary>
    public string? OfThePlatform(string name) => reading.Configuration.Said(name);

    private string Key(string name) => path is "" ? name : $"{path}:{name}";

    private IEnumerable<string> Numbers(string name) =>
        reading.Configuration.GetSection(Key(name)).GetChildren().Select(child => child.Key).Where(key => key.All(char.IsAsciiDigit));

    private T Read<T>(string name, T byDefault, string? shown, Parse<T> parse, string rule)
    {
        if (reading.Value(Key(name), shown)?.Trim() is not { } text)
            return byDefault;
        if (parse(text, out var value))
            return value;
        reading.Refuse(Key(name), rule);
        return byDefault;
    }

    private static bool TryNumber(string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static bool TryLongNumber(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    // Neither 1,000 nor 0,42: who writes a comma may mean either.
    private static bool TryAmount(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    // A number alone would be days, and is meant as seconds by most who write it.
    private static bool TryTime(string text, out TimeSpan value)
    {
        value = default;
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryDay(string text, out DateOnly value) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);

    private static Parse<T?> OrNone<T>(Parse<T> parse)
        where T : struct => (string text, out T? value) =>
    {
        value = null;
        if (text.Equals(None, StringComparison.OrdinalIgnoreCase))
            return true;
        var isGood = parse(text, out var some);
        value = some;
        return isGood;
    };
}
