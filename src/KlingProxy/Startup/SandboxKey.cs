using KlingProxy.Access.Credentials;
using KlingProxy.Ids;

namespace KlingProxy.Startup;

/// <summary>A key that everybody knows and that makes videos, for the Sandbox in Development and never anywhere else: a newcomer has no key yet.</summary>
internal sealed class SandboxKey : ICredentialValidator
{
    public const string Jobs = "kp_jobs_of_the_sandbox";

    private static readonly CredentialResult Granted = new CredentialResult.Granted(new Caller(new CallerId("sandbox")), Scope.Jobs);

    public ValueTask<CredentialResult?> Validate(string secret, HttpRequest request, CancellationToken cancel) =>
        ValueTask.FromResult(secret == Jobs ? Granted : null);
}
