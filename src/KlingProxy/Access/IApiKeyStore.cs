namespace KlingProxy.Access;

/// <summary>What Access needs from a database to know its keys. Looked up at every call, so a revoked key ends at once.</summary>
internal interface IApiKeyStore
{
    Task Add(ApiKey key, CancellationToken cancel);

    Task<ApiKey?> FindByHash(byte[] hash, CancellationToken cancel);

    /// <returns>All keys, revoked ones too, newest first.</returns>
    Task<IReadOnlyList<ApiKey>> List(CancellationToken cancel);

    /// <returns>Whether there was such a key; revoking twice is the same as once.</returns>
    Task<bool> Revoke(string id, DateTimeOffset now, CancellationToken cancel);
}
