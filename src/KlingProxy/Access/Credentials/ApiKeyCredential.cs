using KlingProxy.Access.Keys;
using KlingProxy.Access.Network;
using KlingProxy.Ids;

namespace KlingProxy.Access.Credentials;

/// <summary>Keys of our own making. Judged at every call: a revocation ends one here at once, and at other replicas within a second.</summary>
internal sealed class ApiKeyCredential(IApiKeyStore store, TimeProvider time) : ICredentialValidator
{
    public async ValueTask<CredentialResult?> Validate(string secret, HttpRequest request, CancellationToken cancel)
    {
        if (!secret.StartsWith(KeySecret.Prefix, StringComparison.Ordinal))
            return null;
        var hash = KeySecret.HashOf(secret);
        if (await store.FindByHash(hash, cancel) is not { } key || !key.Opens(hash, time.GetUtcNow()))
            return CredentialResult.Unknown;
        if (key.Origins.Count > 0 && !WebOrigin.IsAmong(request, key.Origins))
            return new CredentialResult.Refused(AccessProblems.OriginRefused);

        return new CredentialResult.Granted(new Caller(new CallerId(key.Id))
        { Limits = key.Limits, Credential = new Credential.Key(key.Id, hash) }, key.Scopes);
    }
}
