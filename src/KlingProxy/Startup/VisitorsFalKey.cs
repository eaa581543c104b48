using System.Net.Http.Headers;

using KlingProxy.Access;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;

using Microsoft.Extensions.Options;

namespace KlingProxy.Startup;

/// <summary>
/// Whatever one of fal's own clients holds as its key (<c>Authorization: Key …</c>), for a Sandbox into which everybody may come: they cannot call
/// without one. It counts for nothing, so its bearer is who they would be without it.
/// </summary>
internal sealed class VisitorsFalKey(IOptions<AccessOptions> access) : ICredentialValidator
{
    /// <summary>Of our keys, of our tickets, and of tokens.</summary>
    private static readonly string[] FormsOfOurs = [KeySecret.Prefix, Ticket.Prefix, "eyJ"];

    private readonly OperatorCredential operators = new(access);

    public async ValueTask<CredentialResult?> Validate(string secret, HttpRequest request, CancellationToken cancel) =>
        access.Value.Anonymous && IsOfFals(secret, request) && await operators.Validate(secret, request, cancel) is null
            ? new CredentialResult.Granted(Caller.Anonymous(request.HttpContext), Scope.Jobs)
            : null;

    // What has a form of ours is judged as what it says it is: a revoked key stays revoked.
    private static bool IsOfFals(string secret, HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) && header.Scheme.Equals("Key", StringComparison.OrdinalIgnoreCase)
        && !Array.Exists(FormsOfOurs, form => secret.StartsWith(form, StringComparison.Ordinal));
}
