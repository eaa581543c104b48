using System.Security.Claims;

using KlingProxy.Access.Keys;
using KlingProxy.Access.Network;
using KlingProxy.Ids;

namespace KlingProxy.Access.Credentials;

/// <summary>Whoever makes this call.</summary>
/// <param name="Id">What jobs and uploads are owned by; empty for the bearer of a link, who owns nothing.</param>
internal sealed record Caller(CallerId Id)
{
    private static readonly Caller Nobody = new(CallerId.Nobody);

    /// <summary>The bearer of a signed link: it opens exactly the path that was signed, which authentication has checked.</summary>
    public static readonly Caller Link = new(CallerId.Nobody) { Kind = CallerKind.Link };

    public CallerKind Kind { get; private init; } = Id.Kind;

    /// <summary>What this caller's own credential limits, beside what limits everyone.</summary>
    public KeyLimits Limits { get; init; } = KeyLimits.Standard;

    /// <summary>Whose budget its jobs are paid from: its own, or that of whoever minted its ticket.</summary>
    public CallerId PayerId { get; init; } = Id;

    /// <summary>In USD; what one job of this caller's may cost at most, beside all budgets. <c>null</c>: no such limit.</summary>
    public decimal? MaxCostPerJob { get; init; }

    /// <summary>What it came with; see <see cref="ICredentials"/>.</summary>
    public Credential Credential { get; init; } = Credential.Lasting;

    public static Caller Anonymous(HttpContext context) => new(new CallerId(CallerId.AnonymousPrefix + CallerAddress.Of(context)));

    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context.User));

    /// <summary>Whether whoever calls may see what belongs to others.</summary>
    public static bool IsOperator(ClaimsPrincipal user) => user.HasClaim(CallerIdentity.ScopeClaim, Scope.Operator);

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
