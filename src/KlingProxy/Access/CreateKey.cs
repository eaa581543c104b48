using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access;

internal static class CreateKey
{
    /// <summary>In bytes.</summary>
    public const long BodyLimit = 16 * 1024;

    public static async Task<Results<Created<KeyView>, ProblemHttpResult>> Handle(
        HttpRequest request, Caller caller, IApiKeyStore store, TimeProvider time, AuditTrail audit, CancellationToken cancel)
    {
        var body = await JsonBody.Read(request, BodyLimit, cancel);
        if (body.Refusal is { } refusal)
            return refusal;

        var now = time.GetUtcNow();
        var wanted = WantedKey.Read(body.Content, now);
        if (wanted.Violations.Count > 0)
            return AccessModule.InvalidKey.Because(errors: wanted.Violations);

        var secret = KeySecret.New();
        var key = new ApiKey
        {
            Id = ApiKey.NewId(),
            Name = wanted.Name,
            Scopes = wanted.Scopes,
            Origins = wanted.Origins,
            Allowance = wanted.Allowance,
            Hash = secret.Hash,
            Hint = secret.Hint,
            CreatedAt = now,
            ExpiresAt = wanted.ExpiresAt,
        };
        await store.Add(key, cancel);
        audit.Record(caller, "create-key", key.Id, $"({key.Hint}, {string.Join(' ', key.Scopes)})");
        return TypedResults.Created($"/v1/keys/{key.Id}", KeyView.Of(key, secret));
    }
}
