using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access.Keys;

/// <summary>
/// Gives a key a new secret; id, owner, scopes, limits and expiry stay. The old secret stops at once, or after an overlap that was asked for.
/// </summary>
internal static class RotateKey
{
    /// <summary>In seconds.</summary>
    public const int MaxOverlapSeconds = 86_400;

    public static async Task<Results<Ok<KeyView>, ProblemHttpResult>> Handle(
        string id, HttpRequest request, Caller caller, IApiKeyStore store, ICredentials credentials, TimeProvider time, AuditTrail audit,
        CancellationToken cancel)
    {
        var (body, unreadable) = await BodyFields.Read(request, cancel, isOptional: true);
        if (unreadable is not null)
            return unreadable.Answer();
        var overlap = TimeSpan.FromSeconds(body.Count("overlap_seconds", 0, MaxOverlapSeconds) ?? 0);
        if (body.AreBroken(out var refusal))
            return refusal.Answer();
        if (await credentials.End(caller.Credential, Scope.Operator, cancel) is { } ended)
            return AccessProblems.Explain(ended).Answer();
        if (await store.Find(id, cancel) is null)
            return AccessProblems.KeyNotFound.Because().Answer();

        var now = time.GetUtcNow();
        var secret = KeySecret.New();
        var act = audit.Act(caller, ActWords.KeyRotated, id, $"{secret.Hint}, the old secret ends in {overlap.TotalSeconds:0} s");
        if (!await store.Rotate(id, secret.Hash, secret.Hint, now + overlap, now, cancel, act) || await store.Find(id, cancel) is not { } rotated)
            return AccessProblems.KeyEnded.Because().Answer();

        audit.Done(act);
        return TypedResults.Ok(KeyView.Of(rotated, secret));
    }
}
