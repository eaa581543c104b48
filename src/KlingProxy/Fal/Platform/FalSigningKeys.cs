using System.Buffers.Text;

using KlingProxy.Fal.Calls;

using Microsoft.Extensions.Options;

namespace KlingProxy.Fal.Platform;

/// <summary>Fetches the public keys with which fal signs webhooks for all its customers (docs/fal-contract.md §3.2).</summary>
internal sealed class FalSigningKeys(FalRetryingCalls reads, IOptions<FalOptions> options)
{
    private const int Ed25519KeySize = 32;

    /// <summary>A delivery is tried with each, and fal has two or three.</summary>
    private const int MaxKeys = 16;

    /// <returns>Raw Ed25519 public keys; <c>null</c> when the set could not be fetched or holds none.</returns>
    public async Task<IReadOnlyList<byte[]>?> Fetch(CancellationToken cancel)
    {
        var reply = await reads.WithoutKey(HttpMethod.Get, FalAddress.Rest(options.Value, "/.well-known/jwks.json"), cancel);
        var set = JsonReading.TryParse(reply.Body).Property("keys");
        if (!reply.IsSuccess || set.ValueKind != System.Text.Json.JsonValueKind.Array)
            return null;

        var keys = set.EnumerateArray()
            .Where(key => key.Text("kty") == "OKP" && key.Text("crv") == "Ed25519")
            .Select(key => Decode(key.Text("x")))
            .Where(key => key.Length == Ed25519KeySize)
            .Take(MaxKeys)
            .ToList();
        return keys.Count > 0 ? keys : null;
    }

    private static byte[] Decode(string? text)
    {
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
