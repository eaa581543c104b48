using KlingProxy.Access.Limits;
using KlingProxy.Access.Network;
using KlingProxy.Http.Bodies;

namespace KlingProxy.Access.Keys;

/// <summary>The body that asks for a key.</summary>
internal sealed record WantedKey(string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> Origins, DateTimeOffset? ExpiresAt, Allowance Allowance)
{
    private const int LongestName = 100, MostOrigins = 20;

    public static WantedKey Read(BodyFields body, DateTimeOffset now) => new(
        body.Text("name", LongestName, isRequired: true) ?? "",
        body.Texts("scopes", "one-of", $"a list of one or more of {string.Join(", ", Scope.All)}", scopes => scopes.Count > 0 && scopes.All(Scope.All.Contains), isRequired: true),
        body.Texts("origins", "origin", $"a list of at most {MostOrigins} exact origins, {WebOrigin.Rule}",
            origins => origins.Count <= MostOrigins && origins.All(WebOrigin.IsExact)),
        body.Future("expires_at", now),
        new Allowance(
            body.Usd("budget_per_day"), body.Usd("budget_total"),
            body.Count("in_flight", 1, LimitsOptions.MostInFlight), body.Count("requests_per_minute", 1, LimitsOptions.MostRequestsPerMinute)));
}
