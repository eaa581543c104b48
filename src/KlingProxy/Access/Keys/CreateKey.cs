using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access.Keys;

internal static class CreateKey
{
    public static async Task<Results<Created<KeyView>, ProblemHttpResult>> Handle(
        HttpRequest request, Caller caller, IApiKeyStore store, ICredentials credentials, TimeProvider time, AuditTrail audit, CancellationToken cancel)
    {
        var (body, unreadable) = await BodyFields.Read(request, cancel);
        if (unreadable is not null)
            return unreadable.Answer();
        var now = time.GetUtcNow();
        var wanted = CreateKeyBody.Read(body, now);
        if (body.AreBroken(out var refusal))
            return refusal.Answer();
        if (await credentials.End(caller.Credential, Scope.Operator, cancel) is { } ended)
            return AccessProblems.Explain(ended).Answer(); // or whoever lost a key would have made another, by a slow body

        var secret = KeySecret.New();
        var key = new ApiKey
        {
            Id = ApiKey.NewId(),
            Name = wanted.Name,
            Scopes = wanted.Scopes,
            Origins = wanted.Origins,
            Limits = wanted.Limits,
            Hash = secret.Hash,
            Hint = secret.Hint,
            CreatedAt = now,
            ExpiresAt = wanted.ExpiresAt,
        };
        var act = audit.Act(caller, ActWords.KeyCreated, key.Id, $"{key.Hint}, {string.Join(' ', key.Scopes)}");
        await store.Add(key, cancel, act);
        audit.Done(act);
        return TypedResults.Created($"/v1/keys/{key.Id}", KeyView.Of(key, secret));
    }
}
