using KlingProxy.Access.Network;
using KlingProxy.Fal;
using KlingProxy.Ids;
using KlingProxy.Secrets;

using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// The address at which fal reports about one job. fal signs for all its customers with the same keys, so the address carries a MAC of the
/// job: nobody else's delivery can name it.
/// </summary>
internal sealed class WebhookAddress(ISecretStore secrets, PublicUrl address, IOptions<FalOptions> fal)
{
    private readonly SharedSecret secret = new(secrets, "webhook-address");

    /// <summary>Whether fal can report to us at all.</summary>
    public bool IsKnown => Known is not null;

    private Uri? Known => fal.Value.WebhookUrl is { } url ? new Uri(url) : address.Configured;

    /// <summary>Fetches the secret; called once, before the first request.</summary>
    public ValueTask Open(CancellationToken cancel) => secret.Open(cancel);

    /// <returns><c>null</c> when fal has no way to reach us.</returns>
    public Uri? For(JobId jobId) =>
        Known is { } known ? new Uri(PublicUrl.Below(known, $"/webhooks/fal/{jobId}/{secret.Mac(jobId)}")) : null;

    public bool Proves(JobId jobId, string token) => secret.Proves(jobId, token);
}
