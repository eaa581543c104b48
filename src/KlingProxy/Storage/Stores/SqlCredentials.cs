using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;

namespace KlingProxy.Storage.Stores;

/// <summary>Asks again what a credential is worth; within the transaction that spends, it stays so until the commit.</summary>
internal sealed class SqlCredentials(ISqlDatabase database, TimeProvider time) : ICredentials
{
    public Task<CredentialEnd?> End(Credential credential, string scope, CancellationToken cancel) =>
        database.Read(async sql => (await Judge(sql, credential, scope, time.GetUtcNow())).End);

    /// <returns>How it ended, if it has; and the key behind it as it is now, <c>null</c> where there is none.</returns>
    public static async Task<(CredentialEnd? End, ApiKey? Key)> Judge(SqlSession sql, Credential credential, string scope, DateTimeOffset now)
    {
        var ticket = credential is Credential.OneJob one ? await SqlTicketStore.Find(sql, one.TicketId) : null;
        var id = (credential as Credential.Key)?.Id ?? ticket?.KeyId;
        var key = id is null ? null : await SqlApiKeyStore.Find(sql, id);
        return (CredentialRules.End(credential, key, ticket, scope, now), key);
    }
}
