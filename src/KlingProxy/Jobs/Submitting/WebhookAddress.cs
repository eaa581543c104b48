using System.Security.Cryptography;
using System.Text;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Network;
using KlingProxy.Fal;
using KlingProxy.Ids;

using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// The address at which fal reports about one job. fal signs for all its customers with the same keys, so the address carries a MAC of the
/// job: nobody else's delivery can name it.
/// </summary>
internal sealed class WebhookAddress(ISecretStore secrets, PublicUrl address, IOptions<FalOptions> fal)
{
    private byte[]? key;

    /// <summary>Whether fal can report to us at all.</summary>
    public bool IsKnown => Known is not null;

    private Uri? Known => fal.Value.WebhookUrl is { } url ? new Uri(url) : address.Configured;

    /// <summary>Fetches the secret; called once, before the first request.</summary>
    public async Task Open(CancellationToken cancel) =>
        key = await secrets.GetOrAdd("webhook-address", RandomNumberGenerator.GetBytes(32), cancel);

    /// <returns><c>null</c> when fal has no way to reach us.</returns>
    public Uri? For(JobId jobId) =>
        Known is { } known ? new Uri(PublicUrl.Below(known, $"/webhooks/fal/{jobId}/{Token(jobId)}")) : null;

    public bool Proves(JobId jobId, string token) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Token(jobId)), Encoding.UTF8.GetBytes(token));

    private string Token(JobId jobId)
    {
        var mac = HMACSHA256.HashData(key ?? throw new InvalidOperationException("The webhook secret is not open yet."), Encoding.UTF8.GetBytes(jobId));
        return Convert.ToHexStringLower(mac.AsSpan(0, 16)); // 128 bits
    }
}
