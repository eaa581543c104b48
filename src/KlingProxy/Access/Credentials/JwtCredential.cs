using System.Text;

using KlingProxy.Ids;

using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KlingProxy.Access.Credentials;

/// <summary>
/// Tokens of the app's own identity provider: issuer, audience, expiry and kind of signature are pinned, and <c>sub</c> is the caller. They open
/// what a user of the app needs and nothing more, whatever they claim.
/// </summary>
internal sealed class JwtCredential(JwtKeys keys, IOptions<AccessOptions> options, TimeProvider time) : ICredentialValidator
{
    private const int MaxSubjectLength = 255; // OpenID Connect Core §2

    /// <summary>Clocks differ; by more than this they are wrong.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    // Public keys only: a shared secret, or none, would let whoever can check a token also make one.
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private readonly JsonWebTokenHandler reader = new() { MapInboundClaims = false };

    public async ValueTask<CredentialResult?> Validate(string secret, HttpRequest request, CancellationToken cancel)
    {
        if (!options.Value.Jwt.IsSet || secret.Count(character => character == '.') != 2)
            return null;
        if (Read(secret) is not { } token)
            return CredentialResult.Unknown;
        if (await keys.For(Header(token, "kid"), cancel) is not { } known)
            return new CredentialResult.Refused(AccessProblems.IdentityUnavailable, JwtKeys.MinBetweenFailures);

        var verdict = await reader.ValidateTokenAsync(token, Rules(known));
        return verdict.IsValid && Subject(token) is { } subject
            ? new CredentialResult.Granted(new Caller(new CallerId(CallerId.UserPrefix + subject))
            { Credential = new Credential.Token(End(token)) }, Scope.Jobs)
            : CredentialResult.Unknown;
    }

    private TokenValidationParameters Rules(JwtKeys.Known known) => new()
    {
        ValidIssuer = known.Issuer,
        ValidAudience = options.Value.Jwt.Audience,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        ValidAlgorithms = Algorithms,
        IssuerSigningKeys = known.Keys,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        LifetimeValidator = IsAlive,
    };

    private static DateTimeOffset End(JsonWebToken token) =>
        token.ValidTo < DateTime.MaxValue - Skew ? new DateTimeOffset(token.ValidTo, TimeSpan.Zero) + Skew : DateTimeOffset.MaxValue;

    private bool IsAlive(DateTime? from, DateTime? until, SecurityToken token, TokenValidationParameters rules)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return until is { } end && now < end + Skew && (from is null || now >= from - Skew);
    }

    // A stranger's token is no reason to call the identity provider.
    private bool IsWorthAsking(JsonWebToken token) =>
        Algorithms.Contains(Header(token, "alg")) && Header(token, "crit") is null
        && JwtKeys.IsSameIssuer(Claim(token, "iss"), options.Value.Jwt.Authority);

    private static string? Subject(JsonWebToken token) =>
        Claim(token, "sub") is { Length: > 0 and <= MaxSubjectLength } subject && !subject.EnumerateRunes().Any(Rune.IsControl) ? subject : null;

    private static string? Claim(JsonWebToken token, string name) => token.TryGetPayloadValue<string>(name, out var value) ? value : null;

    private static string? Header(JsonWebToken token, string name) => token.TryGetHeaderValue<object>(name, out var value) ? value.ToString() : null;

    // The text is a stranger's: whatever the library cannot make sense of, in whatever way, is no credential.
    private JsonWebToken? Read(string secret)
    {
        try
        {
            var token = new JsonWebToken(secret);
            return IsWorthAsking(token) ? token : null;
        }
        catch (Exception)
        {
            return null;
        }
    }
}
