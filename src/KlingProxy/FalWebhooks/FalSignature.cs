using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KlingProxy.FalWebhooks;

/// <summary>What the signature of a delivery proves. Zero is a refusal.</summary>
internal enum SignatureVerdict
{
    Forged,
    Stale,
    Incomplete,

    /// <summary>No keys to check it with: fal shall try again.</summary>
    Unverifiable,
    Genuine,
}

/// <summary>The four headers and the bytes as they came; re-serialized JSON would not verify.</summary>
internal sealed record SignedDelivery(string? RequestId, string? UserId, string? Timestamp, string? Signature, ReadOnlyMemory<byte> Body)
{
    public static SignedDelivery Of(HttpRequest request, ReadOnlyMemory<byte> body) => new(
        Header(request, "X-Fal-Webhook-Request-Id"), Header(request, "X-Fal-Webhook-User-Id"),
        Header(request, "X-Fal-Webhook-Timestamp"), Header(request, "X-Fal-Webhook-Signature"), body);

    private static string? Header(HttpRequest request, string name) =>
        request.Headers[name] is [{ Length: > 0 and <= 512 } value] ? value : null;
}

/// <summary>Ed25519 over the documented text (docs/fal-contract.md §3.2). It proves that fal sent it, for some customer; not that it is ours.</summary>
internal sealed class FalSignature(FalKeySet keys, TimeProvider time)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private static readonly long LatestUnixSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public async Task<SignatureVerdict> Check(SignedDelivery delivery, CancellationToken cancel)
    {
        if (delivery is not { RequestId: { } requestId, UserId: { } userId, Timestamp: { } timestamp, Signature: { } hex })
            return SignatureVerdict.Incomplete;
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > LatestUnixSecond)
            return SignatureVerdict.Incomplete;
        if ((time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Tolerance)
            return SignatureVerdict.Stale;

        var signature = new byte[64];
        if (hex.Length != 2 * signature.Length || Convert.FromHexString(hex, signature, out _, out _) != System.Buffers.OperationStatus.Done)
            return SignatureVerdict.Forged;

        var digest = Convert.ToHexStringLower(SHA256.HashData(delivery.Body.Span));
        var signed = Encoding.UTF8.GetBytes($"{requestId}\n{userId}\n{timestamp}\n{digest}");
        return await keys.Verify(signed, signature, cancel) switch
        {
            true => SignatureVerdict.Genuine,
            false => SignatureVerdict.Forged,
            null => SignatureVerdict.Unverifiable,
        };
    }
}
