using System.Text.Json;

using KlingProxy.Secrets;

using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace KlingProxy.Access.Credentials;

/// <summary>
/// The identity provider's public keys, found by its discovery document: kept for an hour, and asked for again at most once a minute when none is the
/// one that a token names (it may have rotated).
/// </summary>
internal sealed partial class JwtKeys : IDisposable
{
    /// <summary>While no keys are known at all, how soon they are asked for again.</summary>
    public static readonly TimeSpan MinBetweenFailures = TimeSpan.FromSeconds(5);

    private const int MinRsaBits = 2048, MaxDocumentBytes = 1024 * 1024;

    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(5);

    private static readonly RotationPace Pace = new(TimeSpan.FromHours(1), MinBetweenFetches: TimeSpan.FromMinutes(1), MinBetweenFailures);

    private readonly HttpClient http =
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = FetchTimeout, PooledConnectionLifetime = Pace.Lifetime })
        {
            Timeout = FetchTimeout,
            MaxResponseContentBufferSize = MaxDocumentBytes,
        };

    private readonly RotatingKeySet<Known> keys;

    public JwtKeys(IOptions<AccessOptions> options, TimeProvider time, ILogger<JwtKeys> logger) =>
        keys = new(Pace, time, () => Fetch(options.Value.Jwt.Authority!), consequence => LogOutage(logger, consequence));

    /// <summary>https, or a loopback address that never leaves this machine.</summary>
    public static bool IsSafe(Uri url) => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback);

    /// <summary>Identity providers do not agree on a slash at the end.</summary>
    public static bool IsSameIssuer(string? one, string? other) =>
        one is not null && string.Equals(one.TrimEnd('/'), other?.TrimEnd('/'), StringComparison.Ordinal);

    /// <param name="keyId">The key that a token names; <c>null</c> where it names none, and every key is tried.</param>
    /// <returns>Issuer and keys that may have signed it, perhaps no key; <c>null</c> when none could ever be fetched.</returns>
    public async Task<Known?> For(string? keyId, CancellationToken cancel)
    {
        var known = await keys.Current(cancel);
        if (known?.Has(keyId) is false)
            known = await keys.NewerThan(known, cancel);
        return known?.Only(keyId);
    }

    public void Dispose() => http.Dispose();

    private async Task<Known?> Fetch(string authority)
    {
        try
        {
            using var discovery = JsonDocument.Parse(await http.GetStringAsync($"{authority.TrimEnd('/')}/.well-known/openid-configuration"));
            var issuer = discovery.RootElement.GetProperty("issuer").GetString();
            if (!IsSameIssuer(issuer, authority) || !Uri.TryCreate(discovery.RootElement.GetProperty("jwks_uri").GetString(), UriKind.Absolute, out var address)
                || !IsSafe(address))
                return null;

            var set = new JsonWebKeySet(await http.GetStringAsync(address));
            SecurityKey[] strong = [.. set.GetSigningKeys().Where(IsStrong)];
            return strong is [] ? null : new Known(issuer!, strong);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or JsonException or InvalidOperationException
            or KeyNotFoundException or ArgumentException)
        {
            return null;
        }
    }

    private static bool IsStrong(SecurityKey key) => key is RsaSecurityKey { KeySize: >= MinRsaBits } or ECDsaSecurityKey;

    [LoggerMessage(3020, LogLevel.Warning, "The identity provider's signing keys could not be fetched; {Consequence}")]
    private static partial void LogOutage(ILogger logger, string consequence);

    internal sealed record Known(string Issuer, IReadOnlyList<SecurityKey> Keys)
    {
        public bool Has(string? keyId) => keyId is null || Keys.Any(key => key.KeyId == keyId);

        public Known Only(string? keyId) => keyId is null ? this : this with { Keys = [.. Keys.Where(key => key.KeyId == keyId)] };
    }
}
