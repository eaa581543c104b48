using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>Refuses to start without any way in: a proxy that nobody can call is a mistake, and one that everybody can call must be asked for by name.</summary>
internal sealed class AccessOptionsValidator : IValidateOptions<AccessOptions>
{
    private const int LeastKeyLength = 16;

    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        var faults = new List<string>();

        if (options.OperatorKeyFile is { Length: > 0 } && options.OperatorKey is null)
            faults.Add("Access__OperatorKeyFile names a file that cannot be read.");
        else if (string.IsNullOrWhiteSpace(options.OperatorKey) && !options.Anonymous)
            faults.Add("No credential is configured, so nobody could call. Set Access__OperatorKey (or Access__OperatorKeyFile) to create API keys with, or open the proxy to everyone by name with Access__Anonymous=true.");
        else if (options.OperatorKey is { Length: > 0 and < LeastKeyLength } || options.OperatorKey?.Any(character => character is < '!' or > '~') is true)
            faults.Add($"Access__OperatorKey needs at least {LeastKeyLength} visible ASCII characters.");
        if (options.PublicUrl is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0))
            faults.Add("PublicUrl must be an absolute http or https address without user-info, query or fragment.");
        if (options.LinkLifetime < TimeSpan.FromMinutes(1) || options.LinkLifetime > TimeSpan.FromDays(7))
            faults.Add("Access__LinkLifetime must lie between 00:01:00 and 7.00:00:00.");

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
