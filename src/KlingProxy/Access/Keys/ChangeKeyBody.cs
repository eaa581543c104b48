using KlingProxy.Http.Bodies;

namespace KlingProxy.Access.Keys;

/// <summary>The merge patch that changes a key. What a key cannot be without, a name and a scope, cannot be null.</summary>
internal sealed record ChangeKeyBody(
    Patched<string> Name, Patched<IReadOnlyList<string>> Scopes, Patched<IReadOnlyList<string>> Origins, Patched<DateTimeOffset?> ExpiresAt,
    Patched<decimal?> BudgetPerDay, Patched<decimal?> BudgetTotal, Patched<int?> InFlight, Patched<int?> RequestsPerMinute)
{
    /// <summary>What a key is shown with beside its terms.</summary>
    private static readonly string[] Unchangeable = ["id", "key", "hint", "created_at", "rotated_at", "former_until", "revoked_at"];

    public static ChangeKeyBody Read(BodyFields body, DateTimeOffset now)
    {
        body.Unchangeable(Unchangeable);
        return new ChangeKeyBody(
            body.Patched("name", field => body.KeyName(field, isRequired: body.Names(field))),
            body.Patched("scopes", field => body.KeyScopes(field, isRequired: body.Names(field))),
            body.Patched("origins", field => body.KeyOrigins(field)),
            body.Patched("expires_at", field => body.Future(field, now)),
            body.Patched("budget_per_day", field => body.Usd(field)),
            body.Patched("budget_total", field => body.Usd(field)),
            body.Patched("in_flight", field => body.KeyInFlight(field)),
            body.Patched("requests_per_minute", field => body.KeyRequestsPerMinute(field)));
    }

    /// <summary>The key as it is from then on.</summary>
    public ApiKey Of(ApiKey key) => key with
    {
        Name = Name.Or(key.Name),
        Scopes = Scopes.Or(key.Scopes),
        Origins = Origins.Or(key.Origins),
        ExpiresAt = ExpiresAt.Or(key.ExpiresAt),
        Limits = new KeyLimits(
            BudgetPerDay.Or(key.Limits.BudgetPerDay), BudgetTotal.Or(key.Limits.BudgetTotal), InFlight.Or(key.Limits.InFlight),
            RequestsPerMinute.Or(key.Limits.RequestsPerMinute)),
    };
}
