using KlingProxy.Fal.Platform;

using NSec.Cryptography;

namespace KlingProxy.FalWebhooks;

/// <summary>
/// fal's public keys: kept for a day, refreshed at most once a minute when none of them fits (fal may have rotated), and the last good set
/// kept through an outage.
/// </summary>
internal sealed partial class FalKeySet(FalSigningKeys source, TimeProvider time, ILogger<FalKeySet> logger) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24), MinBetweenFetches = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim fetching = new(1, 1);
    private volatile Known? known;
    private DateTimeOffset lastFetch = DateTimeOffset.MinValue;

    /// <returns>Whether a key of fal's made the signature; <c>null</c> when there are no keys to tell by.</returns>
    public async Task<bool?> Verify(byte[] signed, byte[] signature, CancellationToken cancel)
    {
        var keys = known is { } cached && time.GetUtcNow() - cached.At < Lifetime ? cached : await Refresh(known, cancel);
        if (keys is null)
            return null;
        if (keys.Verify(signed, signature))
            return true;
        return (await Refresh(keys, cancel))?.Verify(signed, signature) ?? false;
    }

    public void Dispose() => fetching.Dispose();

    // Whoever comes while a fetch is under way waits for it and takes its outcome.
    private async Task<Known?> Refresh(Known? unfit, CancellationToken cancel)
    {
        await fetching.WaitAsync(cancel);
        try
        {
            var now = time.GetUtcNow();
            if (known != unfit || (known is not null && now - lastFetch < MinBetweenFetches))
                return known;

            lastFetch = now;
            if (await source.Fetch(cancel) is { } keys)
                known = new Known([.. keys.Select(key => PublicKey.Import(SignatureAlgorithm.Ed25519, key, KeyBlobFormat.RawPublicKey))], now);
            else
                LogOutage(known is null ? "none is known" : "the last good set stays in use");
            return known;
        }
        finally
        {
            fetching.Release();
        }
    }

    [LoggerMessage(2010, LogLevel.Warning, "fal's signing keys could not be fetched; {Consequence}")]
    private partial void LogOutage(string consequence);

    private sealed record Known(IReadOnlyList<PublicKey> Keys, DateTimeOffset At)
    {
        // The headers name no key, so each is tried.
        public bool Verify(byte[] signed, byte[] signature) => Keys.Any(key => SignatureAlgorithm.Ed25519.Verify(key, signed, signature));
    }
}
