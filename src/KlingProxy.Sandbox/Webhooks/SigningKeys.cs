using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using NSec.Cryptography;

namespace KlingProxy.Sandbox.Webhooks;

/// <summary>The Ed25519 key that signs, the set that is published, and one that never is.</summary>
internal sealed class SigningKeys(ReadOnlySpan<byte> seed) : IDisposable
{
    private readonly Key unpublished = Key.Create(SignatureAlgorithm.Ed25519);
    private volatile Key current = Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);

    /// <summary>Whether fetching the set fails, with 503.</summary>
    public bool Fails { get; set; }

    /// <summary>The new key replaces the old one, in the published set too. The old one is left to the collector: it may be signing just now.</summary>
    public void Rotate() => current = Key.Create(SignatureAlgorithm.Ed25519);

    public JsonObject Published()
    {
        var x = current.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "OKP",
                ["crv"] = "Ed25519",
                ["x"] = Base64Url.EncodeToString(x),
                ["kid"] = Convert.ToHexStringLower(SHA256.HashData(x))[..16],
            }),
        };
    }

    public string Sign(string requestId, string userId, DateTimeOffset at, ReadOnlySpan<byte> body, bool wrongly = false)
    {
        var message = $"{requestId}\n{userId}\n{Seconds(at)}\n{Convert.ToHexStringLower(SHA256.HashData(body))}";
        return Convert.ToHexStringLower(SignatureAlgorithm.Ed25519.Sign(wrongly ? unpublished : current, Encoding.UTF8.GetBytes(message)));
    }

    public static string Seconds(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    public void Dispose()
    {
        unpublished.Dispose();
        current.Dispose();
    }
}
