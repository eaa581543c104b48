using KlingProxy.Http.Bodies;

namespace KlingProxy.Access.Keys;

/// <summary>The body that asks for a key.</summary>
internal sealed record CreateKeyBody(string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> Origins, DateTimeOffset? ExpiresAt, KeyLimits Limits)
{
    public static CreateKeyBody Read(BodyFields body, DateTimeOffset now) => new(
        body.KeyName("name", isRequired: true),
        body.KeyScopes("scopes", isRequired: true),
        body.KeyOrigins("origins"),
        body.Future("expires_at", now),
        new KeyLimits(
            body.Usd("budget_per_day"), body.Usd("budget_total"), body.KeyInFlight("in_flight"), body.KeyRequestsPerMinute("requests_per_minute")));
}
