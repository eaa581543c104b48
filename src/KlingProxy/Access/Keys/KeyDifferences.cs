using System.Globalization;

using KlingProxy.Http.Wire;

namespace KlingProxy.Access.Keys;

/// <summary>What a change of a key has changed, for who reads of it later.</summary>
internal static class KeyDifferences
{
    private const string Unset = "none";

    /// <returns>One text for each field, <c>in_flight 4 -&gt; 2</c>; none where nothing is different.</returns>
    public static IReadOnlyList<string> Between(ApiKey before, ApiKey after) =>
    [
        .. Terms(before).Zip(Terms(after))
            .Where(term => term.First != term.Second)
            .Select(term => $"{term.First.Field} {term.First.Value} -> {term.Second.Value}"),
    ];

    private static IEnumerable<(string Field, string Value)> Terms(ApiKey key)
    {
        yield return ("name", $"'{key.Name}'");
        yield return ("scopes", string.Join('+', key.Scopes));
        yield return ("origins", key.Origins is [] ? Unset : string.Join('+', key.Origins));
        yield return ("expires_at", key.ExpiresAt is { } end ? UtcTime.Text(end) : Unset);
        yield return ("budget_per_day", Money.Text(key.Limits.BudgetPerDay) ?? Unset);
        yield return ("budget_total", Money.Text(key.Limits.BudgetTotal) ?? Unset);
        yield return ("in_flight", Text(key.Limits.InFlight));
        yield return ("requests_per_minute", Text(key.Limits.RequestsPerMinute));
    }

    private static string Text(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? Unset;
}
