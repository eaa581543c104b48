using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

using NSec.Cryptography;

namespace KlingProxy.Tests.FalWebhooks;

/// <summary>A delivery as fal would send it, signed with the sandbox's own key; a test changes one thing, before the signature or after it.</summary>
internal sealed record Delivery(string RequestId, string UserId, DateTimeOffset At, byte[] Body)
{
    private static readonly Key Key = Key.Import(SignatureAlgorithm.Ed25519, PublicFixture.Seed, KeyBlobFormat.RawPrivateKey);

    public static Delivery About(string requestId, string? text = null) =>
        new(requestId, "sandbox-account", DateTimeOffset.UtcNow, Encoding.UTF8.GetBytes(text ?? $$"""{"request_id": "{{requestId}}", "status": "OK", "payload": null}"""));

    public HttpRequestMessage To(string path, bool chunked = false)
    {
        var seconds = At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var message = Encoding.UTF8.GetBytes($"{RequestId}\n{UserId}\n{seconds}\n{Convert.ToHexStringLower(SHA256.HashData(Body))}");
        return new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            Headers =
            {
                { "X-Fal-Webhook-Request-Id", RequestId },
                { "X-Fal-Webhook-User-Id", UserId },
                { "X-Fal-Webhook-Timestamp", seconds },
                { "X-Fal-Webhook-Signature", Convert.ToHexStringLower(SignatureAlgorithm.Ed25519.Sign(Key, message)) },
                { "Transfer-Encoding", chunked ? ["chunked"] : Array.Empty<string>() },
            },
        };
    }
}
