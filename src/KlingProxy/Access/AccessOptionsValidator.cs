using KlingProxy.Access.Credentials;
using KlingProxy.Access.Network;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>
/// Refuses to start without any way in: a proxy that nobody can call is a mistake, and one that everybody can call must be asked for by name.
/// </summary>
internal sealed class AccessOptionsValidator : IValidateOptions<AccessOptions>
{
    private const int MinKeyLength = 16;

    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        var faults = new List<string>();

        if (options.OperatorKeyFile is { Length: > 0 } && string.IsNullOrEmpty(options.OperatorKey))
            faults.Add("Access__OperatorKeyFile names a file that cannot be read, or is empty.");
        else if (string.IsNullOrWhiteSpace(options.OperatorKey) && !options.Anonymous && !options.Jwt.IsSet)
            faults.Add("No credential is configured, so nobody could call. Set Access__OperatorKey (or Access__OperatorKeyFile) to create API keys with, accept your app's own tokens with Access__Jwt__Authority, or open the proxy to everyone by name with Access__Anonymous=true.");
        else if (options.OperatorKey is { Length: > 0 and < MinKeyLength } || options.OperatorKey?.Any(character => character is < '!' or > '~') is true)
            faults.Add($"Access__OperatorKey needs at least {MinKeyLength} visible ASCII characters.");

        CheckTokens(options.Jwt, faults);
        foreach (var (origin, index) in options.Origins.Select((origin, index) => (origin, index)))
            if (!WebOrigin.IsExact(origin))
                faults.Add($"Access__Origins__{index} must be an exact origin, {WebOrigin.Rule}.");
        foreach (var (proxy, index) in options.TrustedProxies.Select((proxy, index) => (proxy, index)))
            if (TrustedProxies.Parse(proxy) is null)
                faults.Add($"Access__TrustedProxies__{index} must be an address such as 10.0.0.7 or a network such as 10.0.0.0/8.");
        if (options.TrustsEverybodysHeaders)
            faults.Add("ASPNETCORE_FORWARDEDHEADERS_ENABLED would believe everybody's X-Forwarded headers. Unset it, and list your proxies in Access__TrustedProxies__0.");

        if (options.PublicUrl is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0))
            faults.Add("PublicUrl must be an absolute http or https address without user-info, query or fragment.");
        if (options.LinkLifetime < TimeSpan.FromMinutes(1) || options.LinkLifetime > TimeSpan.FromDays(7))
            faults.Add("Access__LinkLifetime must lie between 00:01:00 and 7.00:00:00.");

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckTokens(JwtSettings jwt, List<string> faults)
    {
        if (jwt.IsSet && (!Uri.TryCreate(jwt.Authority, UriKind.Absolute, out var authority) || !JwtKeys.IsSafe(authority) || authority.UserInfo.Length > 0 || authority.Query.Length > 0 || authority.Fragment.Length > 0))
            faults.Add("Access__Jwt__Authority must be an absolute https address without user-info, query or fragment; plain http is accepted for loopback only.");
        if (jwt.IsSet && string.IsNullOrWhiteSpace(jwt.Audience))
            faults.Add("Access__Jwt__Audience is not set. Without it, tokens that were made for another service would be accepted here.");
        if (!jwt.IsSet && !string.IsNullOrEmpty(jwt.Audience))
            faults.Add("Access__Jwt__Authority is not set, although Access__Jwt__Audience is.");
    }
}
