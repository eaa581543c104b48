using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Encodings.Web;

using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>
/// Turns a request into a caller: a credential, else a signed link, else, where it is switched on, nobody in particular.
/// A credential that is sent and wrong is refused even where none is needed.
/// </summary>
internal sealed class CallerScheme(
    IOptionsMonitor<AuthenticationSchemeOptions> schemeOptions, UrlEncoder encoder,
    IOptions<AccessOptions> access, IEnumerable<ICredentialKind> kinds, SignedLinks links)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemeOptions, NullLoggerFactory.Instance, encoder) // it would log each 403 as news
{
    public const string Name = "KlingProxy";

    private Admission.Refused refusal = (Admission.Refused)Admission.Unknown;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is { Count: > 0 } header)
            return Enter(await Judge(header));
        if (SignedLinks.IsPresent(Request))
            return Enter(links.Opens(Request) ? new Admission.Granted(new Caller("", IsLink: true), Scope.Link) : Admission.Unknown);
        if (access.Value.Anonymous)
            return Enter(new Admission.Granted(Caller.Nameless(Context), Scope.Jobs));

        return AuthenticateResult.NoResult();
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (refusal.Problem.Status == StatusCodes.Status401Unauthorized)
            Response.Headers.WWWAuthenticate = "Bearer";
        if (refusal.RetryAfter is { } wait)
            Response.Headers.RetryAfter = ((int)wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await refusal.Problem.Because().ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => AccessModule.Forbidden.Because().ExecuteAsync(Context);

    private async Task<Admission> Judge(string? authorization)
    {
        if (Secret(authorization) is { } secret)
            foreach (var kind in kinds)
                if (await kind.Judge(secret, Request, Context.RequestAborted) is { } admission)
                    return admission;
        return Admission.Unknown;
    }

    // "Key" is how fal's own clients say it.
    private static string? Secret(string? header) =>
        AuthenticationHeaderValue.TryParse(header, out var value)
        && (value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) || value.Scheme.Equals("Key", StringComparison.OrdinalIgnoreCase))
            ? value.Parameter
            : null;

    private AuthenticateResult Enter(Admission admission)
    {
        if (admission is Admission.Granted granted)
            return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(granted.Caller, granted.Scopes)), Name));
        refusal = (Admission.Refused)admission;
        return AuthenticateResult.Fail(refusal.Problem.Code);
    }
}
