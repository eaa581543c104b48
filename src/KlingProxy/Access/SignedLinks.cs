using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace KlingProxy.Access;

/// <summary>
/// Links that open one path for reading until they expire, so that <c>EventSource</c> and <c>&lt;video src&gt;</c> need neither headers nor a
/// secret that opens anything else.
/// </summary>
internal sealed class SignedLinks(ISecretStore secrets, IOptions<AccessOptions> options, TimeProvider time)
{
    private const string ExpiresKey = "expires", SignatureKey = "signature";

    private byte[]? key;

    /// <summary>Fetches the signing secret; called once, before the first request.</summary>
    public async Task Open(CancellationToken cancel) =>
        key = await secrets.GetOrAdd("link-signing", RandomNumberGenerator.GetBytes(32), cancel);

    /// <summary>Expiry is rounded up to the hour, so that the same object keeps the same links, and ETags keep their worth.</summary>
    public string Sign(string path)
    {
        const long hour = 3600;
        var expires = ((time.GetUtcNow() + options.Value.LinkLifetime).ToUnixTimeSeconds() / hour * hour) + hour;
        return $"{path}?{ExpiresKey}={expires.ToString(CultureInfo.InvariantCulture)}&{SignatureKey}={Signature(path, expires)}";
    }

    public bool Opens(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            return false;
        if (!long.TryParse(request.Query[ExpiresKey], NumberStyles.None, CultureInfo.InvariantCulture, out var expires) || time.GetUtcNow().ToUnixTimeSeconds() >= expires)
            return false;
        if (request.Query[SignatureKey] is not { Count: 1 } given || given == StringValues.Empty)
            return false;

        var expected = Signature(request.Path.Value ?? "", expires);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given.ToString()));
    }

    public static bool IsPresent(HttpRequest request) => request.Query.ContainsKey(SignatureKey);

    private string Signature(string path, long expires)
    {
        var mac = HMACSHA256.HashData(key ?? throw new InvalidOperationException("The signing secret is not open yet."), Encoding.UTF8.GetBytes($"{path}\n{expires}"));
        return Convert.ToHexStringLower(mac.AsSpan(0, 16)); // 128 bits
    }
}
