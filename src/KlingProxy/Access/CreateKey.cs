using System.Globalization;
using System.Text.Json;

using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access;

internal static partial class CreateKey
{
    /// <summary>In bytes.</summary>
    private const long BodyLimit = 16 * 1024;

    public static async Task<Results<Created<KeyView>, ProblemHttpResult>> Handle(
        HttpRequest request, IApiKeyStore store, TimeProvider time, ILogger<ApiKey> logger, CancellationToken cancel)
    {
        var body = await JsonBody.Read(request, BodyLimit, cancel);
        if (body.Refusal is { } refusal)
            return refusal;

        var now = time.GetUtcNow();
        var faults = new List<Violation>();
        var wanted = Read(body.Content, now, faults);
        if (faults.Count > 0)
            return AccessModule.InvalidKey.Because(errors: faults);

        var (key, secret) = ApiKey.Create(wanted.Name, wanted.Scopes, wanted.ExpiresAt, now);
        await store.Add(key, cancel);
        LogCreated(logger, key.Id, key.Hint, string.Join(' ', key.Scopes));
        return TypedResults.Created($"/v1/keys/{key.Id}", KeyView.Of(key, secret));
    }

    private static CreateKeyRequest Read(JsonElement body, DateTimeOffset now, List<Violation> faults)
    {
        var (name, scopes, expiresAt) = ("", new List<string>(), default(DateTimeOffset?));
        foreach (var property in body.EnumerateObject().Where(property => property.Value.ValueKind != JsonValueKind.Null))
        {
            switch (property.Name)
            {
                case "name":
                    name = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()!.Trim() : "";
                    break;
                case "scopes" when property.Value.ValueKind == JsonValueKind.Array:
                    scopes.AddRange(property.Value.EnumerateArray().Select(scope => scope.ToString()).Distinct());
                    break;
                case "scopes":
                    break;
                case "expires_at" when property.Value.ValueKind == JsonValueKind.String && TryTime(property.Value.GetString(), out var at) && at > now:
                    expiresAt = at;
                    break;
                case "expires_at":
                    faults.Add(new("/expires_at", "time", "expires_at must be an RFC 3339 time in the future, such as 2027-01-31T12:00:00Z."));
                    break;
                default:
                    faults.Add(new($"/{JsonPointer.Escape(property.Name)}", "unknown-field", "There is no such field; a key has name, scopes and expires_at."));
                    break;
            }
        }

        if (name.Length is 0 or > 100)
            faults.Add(new("/name", "required", "name must be a text of 1 to 100 characters."));
        if (scopes.Count == 0 || scopes.Exists(scope => !Scope.All.Contains(scope)))
            faults.Add(new("/scopes", "one-of", $"scopes must be a list of one or more of {string.Join(", ", Scope.All)}."));
        return new CreateKeyRequest(name, scopes, expiresAt);
    }

    private static bool TryTime(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    [LoggerMessage(3001, LogLevel.Information, "Created key {KeyId} ({Hint}) with scopes {Scopes}")]
    private static partial void LogCreated(ILogger logger, string keyId, string hint, string scopes);
}
