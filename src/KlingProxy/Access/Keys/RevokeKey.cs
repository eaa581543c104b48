using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access.Keys;

internal static class RevokeKey
{
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, Caller caller, IApiKeyStore store, TimeProvider time, AuditTrail audit, CancellationToken cancel)
    {
        if (!await store.Revoke(id, time.GetUtcNow(), cancel))
            return AccessProblems.KeyNotFound.Because().Answer();

        audit.Record(caller, "revoke-key", id);
        return TypedResults.NoContent();
    }
}
