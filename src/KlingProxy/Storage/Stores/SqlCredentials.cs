using KlingProxy.Access.Credentials;

namespace KlingProxy.Storage.Stores;

/// <summary>Asks again what a credential is worth; within the transaction that spends, it stays so until the commit.</summary>
internal sealed class SqlCredentials(ISqlDatabase database, TimeProvider time) : ICredentials
{
    public Task<CredentialEnd?> End(Credential credential, string scope, CancellationToken cancel) =>
        database.Read(sql => End(sql, credential, scope, time.GetUtcNow()));

    public static async Task<CredentialEnd?> End(SqlSession sql, Credential credential, string scope, DateTimeOffset now)
    {
        var ticket = credential is Credential.OneJob one ? await SqlTicketStore.Find(sql, one.TicketId) : null;
        var key = (credential as Credential.Key)?.Id ?? ticket?.KeyId;
        return CredentialRules.End(credential, key is null ? null : await SqlApiKeyStore.Find(sql, key), ticket, scope, now);
    }
}
