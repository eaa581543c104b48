using KlingProxy.Access;
using KlingProxy.Access.Credentials;

namespace KlingProxy.Startup;

/// <summary>A key that everybody knows and that makes videos, for the Sandbox in Development and never anywhere else: a newcomer has no key yet.</summary>
internal sealed class SandboxKey : ICredentialKind
{
    public const string Jobs = "kp_jobs_of_the_sandbox";

    private static readonly Admission Granted = new Admission.Granted(new Caller("sandbox", IsLink: false), Scope.Jobs);

    public ValueTask<Admission?> Judge(string secret, HttpRequest request, CancellationToken cancel) => ValueTask.FromResult(secret == Jobs ? Granted : null);
}
