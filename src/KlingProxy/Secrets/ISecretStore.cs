namespace KlingProxy.Secrets;

/// <summary>Secrets and facts that all replicas must agree on, made once and kept in the database.</summary>
internal interface ISecretStore
{
    /// <returns>The value that is kept under the name; <paramref name="candidate"/> if none was.</returns>
    Task<byte[]> GetOrAdd(string name, byte[] candidate, CancellationToken cancel);

    Task<byte[]?> Find(string name, CancellationToken cancel);
}
