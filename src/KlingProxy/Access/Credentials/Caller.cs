using System.Security.Claims;

using KlingProxy.Access.Keys;
using KlingProxy.Access.Network;

namespace KlingProxy.Access.Credentials;

/// <summary>
/// Whoever makes this call: the holder of one of our keys, a user of the app, the operator, a nameless visitor, or the bearer of a signed link.
/// </summary>
/// <param name="Id">What jobs and uploads are owned by; empty for the bearer of a link, who owns nothing.</param>
/// <param name="IsLink">The call came by a signed link: it opens exactly the path that was signed, which authentication has checked.</param>
internal sealed record Caller(string Id, bool IsLink)
{
    private const string AnonymousPrefix = "anonymous:";

    private static readonly Caller Nobody = new("", IsLink: false);

    /// <summary>What this caller's own credential limits, beside what limits everyone.</summary>
    public KeyLimits Limits { get; init; } = KeyLimits.Standard;

    /// <summary>Whose budget its jobs are paid from: its own, or that of whoever minted its ticket.</summary>
    public string PayerId { get; init; } = Id;

    /// <summary>In USD; what one job of this caller's may cost at most, beside all budgets. <c>null</c>: no such limit.</summary>
    public decimal? MaxCostPerJob { get; init; }

    /// <summary>What it came with; see <see cref="ICredentials"/>.</summary>
    public Credential Credential { get; init; } = Credential.Lasting;

    /// <summary>Somebody else pays: the holder of a ticket, whose page watches one job.</summary>
    public bool IsTicket => PayerId != Id;

    /// <summary>Came without a credential.</summary>
    public bool IsAnonymous => Id.StartsWith(AnonymousPrefix, StringComparison.Ordinal);

    public static Caller Anonymous(HttpContext context) => new(AnonymousPrefix + CallerAddress.Of(context), IsLink: false);

    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context.User));

    public static Caller Of(ClaimsPrincipal user) => (user.Identity as CallerIdentity)?.Caller ?? Nobody;
}

/// <summary>The caller as the framework's authorization sees it: one claim per scope.</summary>
internal sealed class CallerIdentity(Caller caller, IEnumerable<string> scopes)
    : ClaimsIdentity(scopes.Select(scope => new Claim(ScopeClaim, scope)), Scheme)
{
    /// <summary>By which the framework knows the one way in.</summary>
    public const string Scheme = "KlingProxy";

    /// <summary>Never leaves this process.</summary>
    public const string ScopeClaim = "scope";

    public Caller Caller => caller;
}
