using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Access.Network;
using KlingProxy.Http.Bodies;

namespace KlingProxy.Access.Keys;

/// <summary>The body that asks for a key.</summary>
internal sealed record CreateKeyBody(string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> Origins, DateTimeOffset? ExpiresAt, KeyLimits Limits)
{
    private const int MaxNameLength = 100, MaxOrigins = 20;

    public static CreateKeyBody Read(BodyFields body, DateTimeOffset now) => new(
        body.Text("name", MaxNameLength, isRequired: true) ?? "",
        body.Texts("scopes", "one-of", $"a list of one or more of {string.Join(", ", Scope.All)}", scopes => scopes.Count > 0
            && scopes.All(Scope.All.Contains), isRequired: true),
        body.Texts("origins", "origin", $"a list of at most {MaxOrigins} exact origins, {WebOrigin.Rule}",
            origins => origins.Count <= MaxOrigins && origins.All(WebOrigin.IsExact)),
        body.Future("expires_at", now),
        new KeyLimits(
            body.Usd("budget_per_day"), body.Usd("budget_total"),
            body.Count("in_flight", 1, LimitsOptions.MaxInFlight), body.Count("requests_per_minute", 1, LimitsOptions.MaxRequestsPerMinute)));
}
