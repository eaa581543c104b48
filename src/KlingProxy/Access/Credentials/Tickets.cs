using KlingProxy.Access.Keys;
using KlingProxy.Access.Network;
using KlingProxy.Access.Tickets;

using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace KlingProxy.Access.Credentials;

/// <summary>Spend tickets as credentials. One ends with the key that minted it, since that key pays.</summary>
internal sealed class Tickets(ITicketStore store, IApiKeyStore keys, IOptions<AccessOptions> options, TimeProvider time) : ICredentialKind
{
    public async ValueTask<Admission?> Judge(string secret, HttpRequest request, CancellationToken cancel)
    {
        if (!secret.StartsWith(Ticket.Prefix, StringComparison.Ordinal))
            return null;
        var now = time.GetUtcNow();
        if (await store.FindByHash(KeySecret.HashOf(secret), cancel) is not { } ticket || !ticket.Opens(now, options.Value.LinkLifetime))
            return Admission.Unknown;
        if (await keys.Find(ticket.KeyId, cancel) is not { } payer || !payer.IsUsable(now))
            return Admission.Unknown;
        if (!MayComeFrom(request, ticket.Origin))
            return new Admission.Refused(AccessProblems.OriginRefused);

        return new Admission.Granted(
            new Caller(ticket.Id, IsLink: false) { PayerId = payer.Id, MostPerJob = ticket.MaxCost, Allowance = payer.Allowance, Credential = new Credential.OneJob(ticket.Id) },
            Scope.Jobs);
    }

    // A page of our own origin that only reads sends no Origin.
    private static bool MayComeFrom(HttpRequest request, string origin) =>
        request.Headers[HeaderNames.Origin].Count == 0 ? HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) : WebOrigin.IsAmong(request, [origin]);
}
