using System.Globalization;
using System.Text.Json;

using KlingProxy.Problems;

namespace KlingProxy.Access;

/// <summary>The body that asks for a key, read and checked: every broken rule at once.</summary>
internal sealed class WantedKey
{
    private const int LongestName = 100, MostOrigins = 20, LongestOrigin = 255, MostInFlight = 10_000;
    private const decimal MostUsd = 1_000_000, SmallestUsd = 0.000001m;

    private readonly List<Violation> violations = [];

    private WantedKey(JsonElement body, DateTimeOffset now)
    {
        foreach (var property in body.EnumerateObject().Where(property => property.Value.ValueKind != JsonValueKind.Null))
            Read(property.Name, property.Value, now);
        if (Name.Length is 0 or > LongestName)
            Broken("name", "required", $"name must be a text of 1 to {LongestName} characters.");
        if (Scopes.Count == 0 || Scopes.Any(scope => !Scope.All.Contains(scope)))
            Broken("scopes", "one-of", $"scopes must be a list of one or more of {string.Join(", ", Scope.All)}.");
    }

    public string Name { get; private set; } = "";

    public IReadOnlyList<string> Scopes { get; private set; } = [];

    public IReadOnlyList<string> Origins { get; private set; } = [];

    public DateTimeOffset? ExpiresAt { get; private set; }

    public Allowance Allowance { get; private set; } = Allowance.Standard;

    public IReadOnlyList<Violation> Violations => violations;

    public static WantedKey Read(JsonElement body, DateTimeOffset now) => new(body, now);

    private void Read(string name, JsonElement value, DateTimeOffset now)
    {
        switch (name)
        {
            case "name":
                Name = Text(value)?.Trim() ?? "";
                break;
            case "scopes":
                Scopes = Texts(value) ?? [];
                break;
            case "origins":
                Origins = ReadOrigins(value);
                break;
            case "expires_at":
                ExpiresAt = ReadFuture(value, now);
                break;
            case "budget_per_day":
                Allowance = Allowance with { BudgetPerDay = ReadUsd(name, value) };
                break;
            case "budget_total":
                Allowance = Allowance with { BudgetTotal = ReadUsd(name, value) };
                break;
            case "in_flight":
                Allowance = Allowance with { InFlight = ReadCount(name, value, MostInFlight) };
                break;
            case "requests_per_minute":
                Allowance = Allowance with { RequestsPerMinute = ReadCount(name, value, LimitsOptions.MostRequestsPerMinute) };
                break;
            default:
                Broken(name, "unknown-field", "There is no such field; a key has name, scopes, expires_at, origins, budget_per_day, budget_total, in_flight and requests_per_minute.");
                break;
        }
    }

    private IReadOnlyList<string> ReadOrigins(JsonElement value)
    {
        if (Texts(value) is { } origins && origins.Count <= MostOrigins && origins.All(origin => origin.Length <= LongestOrigin && WebOrigin.IsExact(origin)))
            return origins;
        Broken("origins", "origin", $"origins must be a list of at most {MostOrigins} exact origins, such as https://app.example.com: scheme, host and perhaps port, in lower case, without a path.");
        return [];
    }

    private DateTimeOffset? ReadFuture(JsonElement value, DateTimeOffset now)
    {
        if (DateTimeOffset.TryParseExact(Text(value), ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time > now)
            return time;
        Broken("expires_at", "time", "expires_at must be an RFC 3339 time in the future, such as 2027-01-31T12:00:00Z.");
        return null;
    }

    // Kept in millionths of a USD: what is finer would be lost without a word.
    private decimal? ReadUsd(string name, JsonElement value)
    {
        if (decimal.TryParse(Text(value), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var usd) && usd <= MostUsd && usd % SmallestUsd == 0)
            return usd;
        Broken(name, "money", $"{name} must be USD as a decimal string, such as \"25.00\", of at most six decimals.");
        return null;
    }

    private int? ReadCount(string name, JsonElement value, int most)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 1 && count <= most)
            return count;
        Broken(name, "range", $"{name} must be a whole number from 1 to {most.ToString(CultureInfo.InvariantCulture)}.");
        return null;
    }

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IReadOnlyList<string>? Texts(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!).Distinct()]
            : null;

    private void Broken(string name, string code, string detail) => violations.Add(new($"/{JsonPointer.Escape(name)}", code, detail));
}
