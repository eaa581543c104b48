using System.Text.Json.Serialization;

namespace KlingProxy.Access;

/// <summary>Asks for a new key.</summary>
/// <param name="Name">For people: 1–100 characters.</param>
/// <param name="Scopes">One or more of <c>jobs</c>, <c>tickets</c>, <c>operator</c>.</param>
/// <param name="ExpiresAt">RFC 3339, in the future; absent = never.</param>
public sealed record CreateKeyRequest(string Name, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt = null);

/// <summary>A key as its operator sees it.</summary>
/// <param name="Key">The secret; only in the answer that created it.</param>
/// <param name="Hint">Prefix and last four characters.</param>
public sealed record KeyView(
    string Id, string Name, IReadOnlyList<string> Scopes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    string Hint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt)
{
    internal static KeyView Of(ApiKey key, string? secret = null) =>
        new(key.Id, key.Name, key.Scopes, secret, key.Hint, key.CreatedAt, key.ExpiresAt, key.RevokedAt);
}

/// <summary>All keys, newest first.</summary>
public sealed record KeyList(IReadOnlyList<KeyView> Data, string? NextCursor = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CreateKeyRequest))]
[JsonSerializable(typeof(KeyView))]
[JsonSerializable(typeof(KeyList))]
internal sealed partial class AccessJson : JsonSerializerContext;
