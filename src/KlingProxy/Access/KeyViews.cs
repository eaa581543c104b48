using System.Text.Json.Serialization;

namespace KlingProxy.Access;

/// <summary>Asks for a new key.</summary>
/// <param name="Name">For people: 1–100 characters.</param>
/// <param name="Scopes">One or more of <c>jobs</c>, <c>tickets</c>, <c>operator</c>.</param>
/// <param name="ExpiresAt">RFC 3339, in the future; absent = never.</param>
public sealed record CreateKeyRequest(string Name, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt = null);

/// <summary>A key as its operator sees it.</summary>
/// <param name="Id">What <c>DELETE /v1/keys/{id}</c> takes.</param>
/// <param name="Name">For people.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Key">The secret; only in the answer that created it.</param>
/// <param name="Hint">Prefix and last four characters.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ExpiresAt">Null: never.</param>
/// <param name="RevokedAt">Null: it still works, unless it has expired.</param>
public sealed record KeyView(
    string Id, string Name, IReadOnlyList<string> Scopes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    string Hint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt)
{
    internal static KeyView Of(ApiKey key, string? secret = null) =>
        new(key.Id, key.Name, key.Scopes, secret, key.Hint, key.CreatedAt, key.ExpiresAt, key.RevokedAt);
}

/// <summary>All keys, newest first.</summary>
/// <param name="Data">Revoked and expired ones too.</param>
/// <param name="NextCursor">Always null: the list is complete.</param>
public sealed record KeyList(IReadOnlyList<KeyView> Data, string? NextCursor);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CreateKeyRequest))]
[JsonSerializable(typeof(KeyView))]
[JsonSerializable(typeof(KeyList))]
internal sealed partial class AccessJson : JsonSerializerContext;
