using System.Net.Http.Headers;

using KlingProxy.Access;

using Microsoft.Extensions.Options;

namespace KlingProxy;

/// <summary>
/// Ways in that everybody knows, for the Sandbox in Development and never anywhere else: a key of ours that makes videos, and, where everybody may
/// come in, whatever one of fal's own clients holds as its key. Nothing is spent, and a newcomer has no key yet.
/// </summary>
internal sealed class SandboxKey(IOptions<AccessOptions> access) : ICredentialKind
{
    public const string Jobs = "kp_jobs_of_the_sandbox";

    private static readonly Admission Granted = new Admission.Granted(new Caller("sandbox", IsLink: false), Scope.Jobs);

    public ValueTask<Admission?> Judge(string secret, HttpRequest request, CancellationToken cancel) =>
        ValueTask.FromResult(secret == Jobs || (access.Value.Anonymous && IsOfFals(secret, request)) ? Granted : null);

    // What has a form of ours is judged as what it says it is: a revoked key stays revoked.
    private bool IsOfFals(string secret, HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) && header.Scheme.Equals("Key", StringComparison.OrdinalIgnoreCase)
        && !secret.StartsWith("kp_", StringComparison.Ordinal) && !secret.StartsWith("kt_", StringComparison.Ordinal) && !secret.StartsWith("eyJ", StringComparison.Ordinal)
        && secret != access.Value.OperatorKey;
}
