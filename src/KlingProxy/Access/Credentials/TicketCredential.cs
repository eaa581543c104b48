using KlingProxy.Access.Keys;
using KlingProxy.Access.Network;
using KlingProxy.Access.Tickets;
using KlingProxy.Ids;

using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace KlingProxy.Access.Credentials;

/// <summary>Spend tickets as credentials. One ends with the key that minted it, since that key pays.</summary>
internal sealed class TicketCredential(ITicketStore store, IApiKeyStore keys, IOptions<AccessOptions> options, TimeProvider time) : ICredentialValidator
{
    public async ValueTask<CredentialResult?> Validate(string secret, HttpRequest request, CancellationToken cancel)
    {
        if (!secret.StartsWith(Ticket.Prefix, StringComparison.Ordinal))
            return null;
        var now = time.GetUtcNow();
        if (await store.FindByHash(KeySecret.HashOf(secret), cancel) is not { } ticket || !ticket.Opens(now, options.Value.LinkLifetime))
            return CredentialResult.Unknown;
        if (await keys.Find(ticket.KeyId, cancel) is not { } payer || !payer.IsUsable(now))
            return CredentialResult.Unknown;
        if (!MayComeFrom(request, ticket.Origin))
            return new CredentialResult.Refused(AccessProblems.OriginRefused);

        return new CredentialResult.Granted(
            new Caller(new CallerId(ticket.Id))
            { PayerId = new CallerId(payer.Id), MaxCostPerJob = ticket.MaxCost, Limits = payer.Limits, Credential = new Credential.OneJob(ticket.Id) },
            Scope.Jobs);
    }

    // A page of our own origin that only reads sends no Origin.
    private static bool MayComeFrom(HttpRequest request, string origin) =>
        request.Headers[HeaderNames.Origin].Count == 0
            ? HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
            : WebOrigin.IsAmong(request, [origin]);
}
