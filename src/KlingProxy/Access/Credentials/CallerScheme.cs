using System.Text.Encodings.Web;

using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Credentials;

/// <summary>Turns a request into a caller by what it comes with, and words the refusals of those who came with the wrong thing.</summary>
internal sealed class CallerScheme(
    IOptionsMonitor<AuthenticationSchemeOptions> schemeOptions, UrlEncoder encoder, RequestCredential credentials)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemeOptions, NullLoggerFactory.Instance, encoder) // it would log each 403 as news
{
    private CredentialResult.Refused refusal = (CredentialResult.Refused)CredentialResult.Unknown;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync() =>
        await credentials.Of(Context) is { } result ? Authenticate(result) : AuthenticateResult.NoResult();

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var said = refusal.Problem.Because(refusal.Problem == AccessProblems.Unauthorized ? WhatCame() : null) with { RetryAfter = refusal.RetryAfter };
        await said.Answer().ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var policy = Context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy; // the last, which is the nearest
        if ((policy is AccessPolicy.JobsOrLink or AccessPolicy.JobsOrOperator ? AccessPolicy.Jobs : policy) is not { } missing || !Scope.All.Contains(missing))
            return AccessProblems.Forbidden.Because().Answer().ExecuteAsync(Context);
        var has = Scope.All.Where(scope => Context.User.HasClaim(CallerIdentity.ScopeClaim, scope)).ToList();
        var owned = has is [] ? "none" : string.Join(", ", has);
        return AccessProblems.Forbidden.Because($"This operation needs the scope {missing}; the credential has {owned}.", figures: ("scope", missing)).Answer()
            .ExecuteAsync(Context);
    }

    // Whether anything came at all, and in which form; never which part of it was right.
    private string WhatCame() =>
        Request.Headers.Authorization.Count > 1 ? "Authorization came more than once."
        : Request.Headers.Authorization is { Count: 1 } header ? (RequestCredential.Secret(header) is null
            ? "Authorization came, but in neither of the two forms that are read: Bearer and a credential, or Key and a credential."
            : "A credential came, and it is wrong, expired or revoked.")
        : SignedLinks.IsPresent(Request) ? "The link's signature is not of this path, or the link has expired."
        : "No credential came: the request has no Authorization header.";

    private AuthenticateResult Authenticate(CredentialResult admission)
    {
        if (admission is CredentialResult.Granted granted)
            return AuthenticateResult.Success(new AuthenticationTicket(granted.User, CallerIdentity.Scheme));
        refusal = (CredentialResult.Refused)admission;
        return AuthenticateResult.Fail(refusal.Problem.Code);
    }
}
