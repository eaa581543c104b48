using System.Text.Json;

using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace KlingProxy.Access.Credentials;

/// <summary>
/// The identity provider's public keys, found by its discovery document: kept for an hour, refreshed at most once a minute when none is the
/// one that a token names (it may have rotated), and the last good set kept through an outage.
/// </summary>
internal sealed partial class JwtKeys(IOptions<AccessOptions> options, TimeProvider time, ILogger<JwtKeys> logger) : IDisposable
{
    /// <summary>While no keys are known at all, how soon they are asked for again.</summary>
    public static readonly TimeSpan MinBetweenFailures = TimeSpan.FromSeconds(5);

    private const int MinRsaBits = 2048, MaxDocumentBytes = 1024 * 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1), MinBetweenFetches = TimeSpan.FromMinutes(1), Patience = TimeSpan.FromSeconds(5);

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Patience, PooledConnectionLifetime = Lifetime })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = MaxDocumentBytes,
    };

    private readonly SemaphoreSlim fetching = new(1, 1);
    private volatile Known? known;
    private DateTimeOffset lastFetch = DateTimeOffset.MinValue;

    /// <summary>https, or a loopback address that never leaves this machine.</summary>
    public static bool IsSafe(Uri url) => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback);

    /// <summary>Identity providers do not agree on a slash at the end.</summary>
    public static bool IsSameIssuer(string? one, string? other) => one is not null && string.Equals(one.TrimEnd('/'), other?.TrimEnd('/'), StringComparison.Ordinal);

    /// <param name="keyId">The key that a token names; <c>null</c> where it names none, and every key is tried.</param>
    /// <returns>Issuer and keys that may have signed it, perhaps no key; <c>null</c> when none could ever be fetched.</returns>
    public async Task<Known?> For(string? keyId, CancellationToken cancel)
    {
        var cached = known;
        if (cached is null || !cached.Has(keyId))
            cached = await Refresh(cached, cancel);
        else if (time.GetUtcNow() - cached.At >= Lifetime && fetching.CurrentCount > 0) // what is old serves on while somebody else fetches
            cached = await Refresh(cached, cancel);
        return cached?.Only(keyId);
    }

    public void Dispose()
    {
        http.Dispose();
        fetching.Dispose();
    }

    // Whoever comes while a fetch is under way waits for it and takes its outcome.
    private async Task<Known?> Refresh(Known? unfit, CancellationToken cancel)
    {
        await fetching.WaitAsync(cancel);
        try
        {
            var now = time.GetUtcNow();
            if (known != unfit || now - lastFetch < (known is null ? MinBetweenFailures : MinBetweenFetches))
                return known;

            lastFetch = now;
            if (await Fetch(now) is { } fresh)
                known = fresh;
            else
                LogOutage(known is null ? "none is known" : "the last good set stays in use");
            return known;
        }
        finally
        {
            fetching.Release();
        }
    }

    // For everybody who waits, so not with the patience of the one who came first.
    private async Task<Known?> Fetch(DateTimeOffset now)
    {
        try
        {
            var authority = options.Value.Jwt.Authority!;
            using var discovery = JsonDocument.Parse(await http.GetStringAsync($"{authority.TrimEnd('/')}/.well-known/openid-configuration"));
            var issuer = discovery.RootElement.GetProperty("issuer").GetString();
            if (!IsSameIssuer(issuer, authority) || !Uri.TryCreate(discovery.RootElement.GetProperty("jwks_uri").GetString(), UriKind.Absolute, out var address) || !IsSafe(address))
                return null;

            var set = new JsonWebKeySet(await http.GetStringAsync(address));
            SecurityKey[] keys = [.. set.GetSigningKeys().Where(IsStrong)];
            return keys is [] ? null : new Known(issuer!, keys, now);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            return null;
        }
    }

    private static bool IsStrong(SecurityKey key) => key is RsaSecurityKey { KeySize: >= MinRsaBits } or ECDsaSecurityKey;

    [LoggerMessage(3020, LogLevel.Warning, "The identity provider's signing keys could not be fetched; {Consequence}")]
    private partial void LogOutage(string consequence);

    internal sealed record Known(string Issuer, IReadOnlyList<SecurityKey> Keys, DateTimeOffset At)
    {
        public bool Has(string? keyId) => keyId is null || Keys.Any(key => key.KeyId == keyId);

        public Known Only(string? keyId) => keyId is null ? this : this with { Keys = [.. Keys.Where(key => key.KeyId == keyId)] };
    }
}
