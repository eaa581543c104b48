using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access;

internal static partial class RevokeKey
{
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, IApiKeyStore store, TimeProvider time, ILogger<ApiKey> logger, CancellationToken cancel)
    {
        if (!await store.Revoke(id, time.GetUtcNow(), cancel))
            return AccessModule.KeyNotFound.Because();

        LogRevoked(logger, id);
        return TypedResults.NoContent();
    }

    [LoggerMessage(3002, LogLevel.Information, "Revoked key {KeyId}")]
    private static partial void LogRevoked(ILogger logger, string keyId);
}
