using System.Text;
using System.Text.Json;

using KlingProxy.Http.Bodies;

namespace KlingProxy.Tests.Http.Bodies;

/// <summary>A body as it is after images inside it were taken out, without a request around it.</summary>
internal static class Sieved
{
    public static readonly string Folder = Path.Combine(Path.GetTempPath(), "klingproxy-sieved");

    /// <param name="path">The names that lead to <c>image_url</c> and <c>end_image_url</c>.</param>
    public static JsonBody Of(string json, string[] path, int portion = int.MaxValue, long maxBytes = 10_485_760)
    {
        var sieve = Read(Encoding.UTF8.GetBytes(json), path, portion, maxBytes);
        return new JsonBody(JsonElement.Parse(sieve.Document.Span), null) { DataUris = sieve.Taken };
    }

    public static DataUriSieve Read(byte[] body, string[] path, int portion = int.MaxValue, long maxBytes = 10_485_760)
    {
        var sieve = new DataUriSieve(new InlineFields(path, ["image_url", "end_image_url"], maxBytes), new Spool(Folder));
        for (var at = 0; at < body.Length; at += Math.Min(portion, body.Length))
            sieve.Add(body.AsMemory(at, Math.Min(portion, body.Length - at)), TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();
        return sieve;
    }

    /// <summary>What became of each image, in the order of the body: its bytes, or why it is none.</summary>
    public static byte[] Bytes(this DataUri image)
    {
        using var bytes = new MemoryStream();
        using var reader = image.Read();
        reader.CopyTo(bytes);
        return bytes.ToArray();
    }
}
