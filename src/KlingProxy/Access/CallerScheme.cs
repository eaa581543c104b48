using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>
/// Turns a request into a caller: a bearer key, else a signed link, else, where it is switched on, nobody in particular.
/// A credential that is sent and wrong is refused even where none is needed.
/// </summary>
internal sealed class CallerScheme(
    IOptionsMonitor<AuthenticationSchemeOptions> schemeOptions, ILoggerFactory loggers, UrlEncoder encoder,
    IOptions<AccessOptions> access, IApiKeyStore keys, SignedLinks links, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemeOptions, loggers, encoder)
{
    public const string Name = "KlingProxy";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is { Count: > 0 } header)
        {
            return Secret(header) is { } secret && await Find(secret) is { } caller
                ? Admit(caller.Id, caller.Scopes)
                : AuthenticateResult.Fail("unknown credential");
        }
        if (SignedLinks.IsPresent(Request))
            return links.Opens(Request) ? Admit("", [Caller.LinkScope]) : AuthenticateResult.Fail("bad link");
        if (access.Value.Anonymous)
            return Admit($"anonymous:{Context.Connection.RemoteIpAddress}", [Scope.Jobs]);

        return AuthenticateResult.NoResult();
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        await AccessModule.Unauthorized.Because().ExecuteAsync(Context); // one text for every reason: it must not tell which part was right
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => AccessModule.Forbidden.Because().ExecuteAsync(Context);

    private static string? Secret(string? header) =>
        AuthenticationHeaderValue.TryParse(header, out var value) && IsOurs(value.Scheme) ? value.Parameter : null;

    // "Key" is how fal's clients write it.
    private static bool IsOurs(string scheme) => scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) || scheme.Equals("Key", StringComparison.OrdinalIgnoreCase);

    private async Task<(string Id, IReadOnlyList<string> Scopes)?> Find(string secret)
    {
        if (access.Value.OperatorKey is { Length: > 0 } operatorKey && SameText(secret, operatorKey))
            return ("operator", [Scope.Operator]);
        if (!secret.StartsWith(ApiKey.Prefix, StringComparison.Ordinal))
            return null;

        return await keys.FindByHash(ApiKey.HashOf(secret), Context.RequestAborted) is { } key && key.IsUsable(time.GetUtcNow())
            ? (key.Id, key.Scopes)
            : null;
    }

    private static bool SameText(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(one)), SHA256.HashData(Encoding.UTF8.GetBytes(other)));

    private static AuthenticateResult Admit(string callerId, IEnumerable<string> scopes)
    {
        var identity = new ClaimsIdentity(
            [new Claim(Caller.IdClaim, callerId), .. scopes.Select(scope => new Claim(Caller.ScopeClaim, scope))], Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name));
    }
}
