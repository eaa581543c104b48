using System.Text.Json.Serialization;

using KlingProxy.Access.Audit;
using KlingProxy.Access.Tickets;
using KlingProxy.Http.Wire;

namespace KlingProxy.Access.Keys;

/// <summary>Asks for a new key.</summary>
/// <param name="Name">For people: 1–100 characters.</param>
/// <param name="Scopes">One or more of <c>jobs</c>, <c>tickets</c>, <c>operator</c>.</param>
/// <param name="ExpiresAt">RFC 3339, in the future; absent = never.</param>
/// <param name="Origins">The only web pages that may use it, as exact origins such as <c>https://app.example.com</c>; absent = it is not a matter of pages.</param>
/// <param name="BudgetPerDay">USD per day (UTC); absent = as for everyone.</param>
/// <param name="BudgetTotal">USD over the life of the key; absent = as for everyone.</param>
/// <param name="InFlight">Jobs at a time; absent = as for everyone.</param>
/// <param name="RequestsPerMinute">Absent = as for everyone.</param>
public sealed record CreateKeyRequest(
    string Name, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt = null, IReadOnlyList<string>? Origins = null,
    [property: Usd] string? BudgetPerDay = null, [property: Usd] string? BudgetTotal = null,
    int? InFlight = null, int? RequestsPerMinute = null);

/// <summary>Changes a key: what is absent stays as it is, and what is null is from then on as for everyone.</summary>
/// <param name="Name">For people: 1–100 characters.</param>
/// <param name="Scopes">All that it may from then on: one or more of <c>jobs</c>, <c>tickets</c>, <c>operator</c>.</param>
/// <param name="ExpiresAt">RFC 3339, in the future; null = never.</param>
/// <param name="Origins">All web pages that may use it from then on, as exact origins; null or empty = it is not a matter of pages.</param>
/// <param name="BudgetPerDay">USD per day (UTC). What is spent and held today counts.</param>
/// <param name="BudgetTotal">USD over the life of the key. What it has spent counts.</param>
/// <param name="InFlight">Jobs at a time. Those that are under way go on.</param>
/// <param name="RequestsPerMinute">Calls.</param>
public sealed record ChangeKeyRequest(
    string? Name = null, IReadOnlyList<string>? Scopes = null, DateTimeOffset? ExpiresAt = null, IReadOnlyList<string>? Origins = null,
    [property: Usd] string? BudgetPerDay = null, [property: Usd] string? BudgetTotal = null,
    int? InFlight = null, int? RequestsPerMinute = null);

/// <summary>Asks for a new secret.</summary>
/// <param name="OverlapSeconds">How long the old secret works beside the new one: 0–86400; absent = not at all.</param>
public sealed record RotateKeyRequest(int? OverlapSeconds = null);

/// <summary>A key as its operator sees it.</summary>
/// <param name="Id">What <c>DELETE /v1/keys/{id}</c> takes, and what its jobs belong to; a rotation does not change it.</param>
/// <param name="Name">For people.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Origins">The only web pages that may use it; empty: it is not a matter of pages.</param>
/// <param name="BudgetPerDay">USD per day (UTC). Null: as for everyone.</param>
/// <param name="BudgetTotal">USD over the life of the key. Null: as for everyone.</param>
/// <param name="InFlight">Jobs at a time. Null: as for everyone.</param>
/// <param name="RequestsPerMinute">Null: as for everyone.</param>
/// <param name="Key">The secret; only in the answer that made it.</param>
/// <param name="Hint">Prefix and last four characters of the secret.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ExpiresAt">Null: never.</param>
/// <param name="RotatedAt">When it was given its present secret; null: when it was created.</param>
/// <param name="FormerUntil">Until when the secret before that works; null: it does not.</param>
/// <param name="RevokedAt">Null: it still works, unless it has expired.</param>
public sealed record KeyView(
    string Id, string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> Origins,
    [property: Usd] string? BudgetPerDay, [property: Usd] string? BudgetTotal,
    int? InFlight, int? RequestsPerMinute,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    string Hint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RotatedAt, DateTimeOffset? FormerUntil, DateTimeOffset? RevokedAt)
{
    internal static KeyView Of(ApiKey key, KeySecret? secret = null) => new(
        key.Id, key.Name, key.Scopes, key.Origins, Money.Text(key.Limits.BudgetPerDay), Money.Text(key.Limits.BudgetTotal),
        key.Limits.InFlight, key.Limits.RequestsPerMinute, secret?.Text, key.Hint, key.CreatedAt, key.ExpiresAt,
        key.RotatedAt, key.FormerUntil > key.RotatedAt ? key.FormerUntil : null, key.RevokedAt);
}

/// <summary>A page of keys, newest first.</summary>
/// <param name="Data">Revoked and expired ones too; at most <c>limit</c> of them.</param>
/// <param name="NextCursor">Give it as <c>cursor</c> for the next page; null on the last.</param>
public sealed record KeyList(IReadOnlyList<KeyView> Data, string? NextCursor);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CreateKeyRequest))]
[JsonSerializable(typeof(ChangeKeyRequest))]
[JsonSerializable(typeof(RotateKeyRequest))]
[JsonSerializable(typeof(KeyView))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(AuditList))]
[JsonSerializable(typeof(MintTicketRequest))]
[JsonSerializable(typeof(TicketView))]
internal sealed partial class AccessJson : JsonSerializerContext;
