using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access.Keys;

internal static class RevokeKey
{
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, Caller caller, IApiKeyStore store, TimeProvider time, AuditTrail audit, CancellationToken cancel)
    {
        var act = audit.Act(caller, ActWords.KeyRevoked, id);
        if (!await store.Revoke(id, time.GetUtcNow(), cancel, act))
            return AccessProblems.KeyNotFound.Because().Answer();

        audit.Done(act);
        return TypedResults.NoContent();
    }
}
