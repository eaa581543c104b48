using KlingProxy.Access.Audit;
using KlingProxy.Http.Wire;

namespace KlingProxy.Access.Keys;

/// <summary>What Access needs from a database to know its keys: judged at every call, so one revoked ends at once, on other replicas in a second.</summary>
/// <remarks>An act of an operator is written in the transaction of its change, where there is one.</remarks>
internal interface IApiKeyStore
{
    Task Add(ApiKey key, CancellationToken cancel, OperatorAct? act = null);

    Task<ApiKey?> Find(string id, CancellationToken cancel);

    /// <returns>The key that has, or before its last rotation had, a secret of this hash; whether that still opens anything is the key's to say.</returns>
    Task<ApiKey?> FindByHash(byte[] hash, CancellationToken cancel);

    /// <param name="before">The last key of the page before.</param>
    /// <returns>Keys, revoked ones too, newest first.</returns>
    Task<IReadOnlyList<ApiKey>> List(int limit, KeysetCursor? before, CancellationToken cancel);

    /// <summary>In one transaction: reads a usable key and writes it with other terms.</summary>
    /// <param name="change">Pure; of name, scopes, origins, limits and expiry.</param>
    /// <param name="actOf">Of the key before and after; <c>null</c> where that is none.</param>
    /// <returns>What came of it; <c>null</c> where there is no such key.</returns>
    Task<KeyChange?> Change(
        string id, Func<ApiKey, ApiKey> change, DateTimeOffset now, CancellationToken cancel, Func<ApiKey, ApiKey, OperatorAct?>? actOf = null);

    /// <summary>Gives a usable key a new secret; the one it had works until <paramref name="formerUntil"/>, the one before that no longer.</summary>
    /// <returns>False when there is no such key that still works; then nothing changed.</returns>
    Task<bool> Rotate(string id, byte[] hash, string hint, DateTimeOffset formerUntil, DateTimeOffset now, CancellationToken cancel, OperatorAct? act = null);

    /// <returns>Whether there was such a key; revoking twice is the same as once.</returns>
    Task<bool> Revoke(string id, DateTimeOffset now, CancellationToken cancel, OperatorAct? act = null);
}

/// <summary>A key before and after a change.</summary>
/// <param name="After"><c>null</c> where it no longer works, and then nothing changed.</param>
/// <param name="Act">As it was written, where it was one.</param>
internal sealed record KeyChange(ApiKey Before, ApiKey? After, OperatorAct? Act);
