using System.Text;

using KlingProxy.Fal;
using KlingProxy.Secrets;

using Microsoft.Extensions.Options;

namespace KlingProxy.FalWebhooks;

/// <summary>The fal account whose deliveries count: <c>Fal:UserId</c>, or learned once from a delivery that a fetch with our own key confirmed.</summary>
internal sealed class FalAccount(ISecretStore secrets, IOptions<FalOptions> options)
{
    private const string Name = "fal-user-id";

    private volatile string? learned;

    /// <returns>False only when another account is known to be ours.</returns>
    public async Task<bool> MayBeOurs(string userId, CancellationToken cancel)
    {
        if (options.Value.UserId is { Length: > 0 } pinned)
            return pinned == userId;
        learned ??= await secrets.Find(Name, cancel) is { } stored ? Encoding.UTF8.GetString(stored) : null;
        return learned is null || learned == userId;
    }

    /// <summary>Call it only after fal, asked with our key, confirmed what the delivery said.</summary>
    public async Task Learn(string userId, CancellationToken cancel)
    {
        if (options.Value.UserId is not { Length: > 0 } && learned is null)
            learned = Encoding.UTF8.GetString(await secrets.GetOrAdd(Name, Encoding.UTF8.GetBytes(userId), cancel));
    }
}
