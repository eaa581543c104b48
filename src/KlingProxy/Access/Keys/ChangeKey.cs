using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access.Keys;

/// <summary>
/// Changes what a key may, by a merge patch. Its secret, and what it owns, stay. From then on a right that it lost opens nothing, here at once and at other
/// replicas within a second; what is about to be spent is judged by what the key allows when it is spent.
/// </summary>
internal static class ChangeKey
{
    public static async Task<Results<Ok<KeyView>, ProblemHttpResult>> Handle(
        string id, HttpRequest request, Caller caller, IApiKeyStore store, ICredentials credentials, TimeProvider time, AuditTrail audit,
        CancellationToken cancel)
    {
        var (body, unreadable) = await BodyFields.ReadPatch(request, cancel);
        if (unreadable is not null)
            return unreadable.Answer();
        var now = time.GetUtcNow();
        var patch = ChangeKeyBody.Read(body, now);
        if (body.AreBroken(out var refusal))
            return refusal.Answer();
        if (await credentials.End(caller.Credential, Scope.Operator, cancel) is { } ended)
            return AccessProblems.Explain(ended).Answer();

        OperatorAct? ActOf(ApiKey before, ApiKey after) => KeyDifferences.Between(before, after) is { Count: > 0 } differences
            ? audit.Act(caller, ActWords.KeyChanged, id, string.Join(", ", differences))
            : null;
        if (await store.Change(id, patch.Of, now, cancel, ActOf) is not { } change)
            return AccessProblems.KeyNotFound.Because().Answer();
        if (change.After is not { } changed)
            return AccessProblems.KeyEnded.Because().Answer();
        if (change.Act is { } act)
            audit.Done(act);
        return TypedResults.Ok(KeyView.Of(changed));
    }
}
