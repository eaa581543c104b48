using System.Security.Claims;

using KlingProxy.Http.Problems;

namespace KlingProxy.Access.Credentials;

/// <summary>What a credential is good for.</summary>
internal abstract record CredentialResult
{
    public sealed record Granted(Caller Caller, params IReadOnlyList<string> Scopes) : CredentialResult
    {
        /// <summary>The caller as the framework knows them.</summary>
        public ClaimsPrincipal User => new(new CallerIdentity(Caller, Scopes));
    }

    /// <param name="RetryAfter">When it is worth trying again, where that is known.</param>
    public sealed record Refused(Problem Problem, TimeSpan? RetryAfter = null) : CredentialResult;

    /// <summary>One text for every credential that is wrong: it must not tell which part was right.</summary>
    public static readonly CredentialResult Unknown = new Refused(AccessProblems.Unauthorized);
}

/// <summary>One kind of credential that may stand in <c>Authorization</c>.</summary>
internal interface ICredentialValidator
{
    /// <param name="secret">What was sent, without its scheme.</param>
    /// <returns><c>null</c> when it is not of this kind at all, so that the next kind is asked.</returns>
    ValueTask<CredentialResult?> Validate(string secret, HttpRequest request, CancellationToken cancel);
}
