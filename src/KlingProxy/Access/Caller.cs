using System.Security.Claims;

namespace KlingProxy.Access;

/// <summary>Whoever makes this call: the holder of one of our keys, the operator, a nameless visitor, or the bearer of a signed link.</summary>
/// <param name="Id">What jobs and uploads are owned by; empty for the bearer of a link, who owns nothing.</param>
/// <param name="IsLink">The call came by a signed link: it opens exactly the path that was signed, which authentication has checked.</param>
internal sealed record Caller(string Id, bool IsLink)
{
    /// <summary>Claim types of our principals; short, because they never leave this process.</summary>
    public const string IdClaim = "caller", ScopeClaim = "scope", LinkScope = "link";

    /// <summary>Others' objects answer exactly like missing ones.</summary>
    public bool MayRead(string ownerId) => IsLink || Id == ownerId;

    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context.User));

    public static Caller Of(ClaimsPrincipal user) => new(user.FindFirstValue(IdClaim) ?? "", user.HasClaim(ScopeClaim, LinkScope));
}
