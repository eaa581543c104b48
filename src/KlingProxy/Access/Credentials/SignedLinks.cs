using System.Globalization;

using KlingProxy.Http.Docs;
using KlingProxy.Secrets;

using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace KlingProxy.Access.Credentials;

/// <summary>
/// Links that open one path with one method until they expire, so that <c>EventSource</c>, <c>&lt;video src&gt;</c> and clients that follow an
/// address without their credential need neither headers nor a secret that opens anything else.
/// </summary>
internal sealed class SignedLinks(ISecretStore secrets, IOptions<AccessOptions> options, TimeProvider time)
{
    private const string ExpiresKey = "expires", SignatureKey = "signature";

    private const long Hour = 3600;

    /// <summary>For the API description, and so that they are known where links open.</summary>
    public static readonly object[] Parameters =
    [
        ApiParameter.Query(ExpiresKey, "Of a signed link: the Unix second at which it ends.") with { Min = 0 },
        ApiParameter.Query(SignatureKey, "Of a signed link: opens this path until then, without a header.") with { Pattern = "^[0-9a-f]{32}$" },
    ];

    private readonly SharedSecret secret = new(secrets, "link-signing");

    /// <summary>Fetches the signing secret; called once, before the first request.</summary>
    public ValueTask Open(CancellationToken cancel) => secret.Open(cancel);

    /// <summary>The Unix second at which a link ends that is signed now.</summary>
    public long Expiry => ((time.GetUtcNow() + options.Value.LinkLifetime).ToUnixTimeSeconds() / Hour * Hour) + Hour;

    /// <summary>For reading. Expiry is rounded up to the hour, so that the same object keeps the same links, and ETags keep their worth.</summary>
    public string Sign(string path) => Sign(HttpMethods.Get, path);

    /// <summary>For what the method does at this path, and for nothing else.</summary>
    public string Sign(string method, string path)
    {
        var expires = Expiry;
        return $"{path}?{ExpiresKey}={expires.ToString(CultureInfo.InvariantCulture)}&{SignatureKey}={secret.Mac(Signed(method, path, expires))}";
    }

    public bool Opens(HttpRequest request)
    {
        if (!long.TryParse(request.Query[ExpiresKey], NumberStyles.None, CultureInfo.InvariantCulture, out var expires)
            || time.GetUtcNow().ToUnixTimeSeconds() >= expires)
            return false;
        if (request.Query[SignatureKey] is not { Count: 1 } given || given == StringValues.Empty)
            return false;

        return secret.Proves(Signed(request.Method, request.Path.Value ?? "", expires), given.ToString());
    }

    public static bool IsPresent(HttpRequest request) => request.Query.ContainsKey(SignatureKey);

    // What is signed for reading begins with its path, which begins with a slash; so no method can be taken for another.
    private static string Signed(string method, string path, long expires)
    {
        var what = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? path : $"{method} {path}";
        return $"{what}\n{expires}";
    }
}
