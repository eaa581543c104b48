using KlingProxy.Fal.Platform;
using KlingProxy.Secrets;

using NSec.Cryptography;

namespace KlingProxy.FalWebhooks;

/// <summary>fal's public keys: kept for a day, and asked for again at most once a minute when none of them fits (fal may have rotated).</summary>
internal sealed partial class FalKeySet(FalSigningKeys source, TimeProvider time, ILogger<FalKeySet> logger)
{
    /// <summary>While none is known, each delivery asks: <see cref="DeliveryLimit"/> says how many there may be.</summary>
    private static readonly RotationPace Pace = new(TimeSpan.FromHours(24), MinBetweenFetches: TimeSpan.FromMinutes(1), MinBetweenFailures: TimeSpan.Zero);

    private readonly RotatingKeySet<IReadOnlyList<PublicKey>> keys = new(Pace, time, () => Fetch(source), consequence => LogOutage(logger, consequence));

    /// <returns>Whether a key of fal's made the signature; <c>null</c> when there are no keys to tell by.</returns>
    public async Task<bool?> Verify(byte[] signed, byte[] signature, CancellationToken cancel)
    {
        if (await keys.Current(cancel) is not { } known)
            return null;
        return HasSigned(known) || HasSigned(await keys.NewerThan(known, cancel));

        // The headers name no key, so each is tried.
        bool HasSigned(IReadOnlyList<PublicKey> set) => set.Any(key => SignatureAlgorithm.Ed25519.Verify(key, signed, signature));
    }

    private static async Task<IReadOnlyList<PublicKey>?> Fetch(FalSigningKeys source) => await source.Fetch(CancellationToken.None) is { } keys
        ? [.. keys.Select(key => PublicKey.Import(SignatureAlgorithm.Ed25519, key, KeyBlobFormat.RawPublicKey))]
        : null;

    [LoggerMessage(2010, LogLevel.Warning, "fal's signing keys could not be fetched; {Consequence}")]
    private static partial void LogOutage(ILogger logger, string consequence);
}
