using System.IO.Compression;
using System.Net;
using System.Text.Json;

using KlingProxy.OpenApi;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.OpenApi;

/// <summary>Anybody may ask for the API description as often as they like.</summary>
public sealed class ServedDocumentTests(OpenProxy proxy) : IClassFixture<OpenProxy>
{
    private const string Path = "/openapi/v1.json";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string?> Codings => new()
    {
        // Accept-Encoding               coding
        { "",                             null },
        { "identity",                     null },
        { "gzip",                         "gzip" },
        { "gzip, deflate, br, zstd",      "br" },
        { "BR",                           "br" },
        { "br;q=0, gzip;q=0.5",           "gzip" },
        { "br;q=0, gzip;q=0",             null },
        { "deflate",                      null },
        { "%%%",                          null },
    };

    [Fact]
    public async Task Is_built_once_however_many_ask_at_once()
    {
        using var anyone = proxy.Anyone();

        var documents = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => anyone.GetByteArrayAsync(Path, Cancel)));

        Assert.All(documents, document => Assert.Equal(documents[0], document));
        Assert.Equal(1, proxy.Services.GetRequiredService<ServedDocument>().Builds);
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Is_compressed_for_who_can_read_it(string accepted, string? coding)
    {
        using var anyone = proxy.Anyone();
        var plain = await anyone.GetByteArrayAsync(Path, Cancel);

        using var reply = await anyone.Call($"GET {Path}", null, accepted.Length == 0 ? [] : [("Accept-Encoding", accepted)]);
        var bytes = await reply.Content.ReadAsByteArrayAsync(Cancel);

        Assert.Equal(coding, reply.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal(bytes.Length, reply.Content.Headers.ContentLength);
        Assert.Contains("Accept-Encoding", reply.Headers.Vary);
        Assert.Equal(plain, await Decoded(bytes, coding));
        Assert.True(coding is null || bytes.Length * 5 < plain.Length, $"{coding} has {bytes.Length} of {plain.Length} bytes.");
        Assert.Equal(JsonValueKind.Object, JsonElement.Parse(plain).ValueKind);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    [InlineData("identity")]
    public async Task Is_not_sent_again_to_who_has_it(string coding)
    {
        using var anyone = proxy.Anyone();
        using var first = await anyone.Call($"GET {Path}", null, ("Accept-Encoding", coding));
        var etag = first.Headers.ETag!.ToString();

        using var again = await anyone.Call($"GET {Path}", null, ("Accept-Encoding", coding), ("If-None-Match", $"\"other\", {etag}"));
        using var weak = await anyone.Call($"GET {Path}", null, ("Accept-Encoding", coding), ("If-None-Match", $"W/{etag}"));
        using var other = await anyone.Call($"GET {Path}", null, ("Accept-Encoding", coding), ("If-None-Match", "\"other\""));

        Assert.Equal((true, TimeSpan.FromMinutes(5)), (first.Headers.CacheControl?.Public, first.Headers.CacheControl?.MaxAge));
        Assert.Equal((HttpStatusCode.NotModified, etag, 0), (again.StatusCode, again.Headers.ETag?.ToString(), (await again.Content.ReadAsByteArrayAsync(Cancel)).Length));
        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.OK), (weak.StatusCode, other.StatusCode));
        Assert.Equal((first.ToCaches(), first.ToCaches()), (again.ToCaches(), weak.ToCaches()));
    }

    [Fact]
    public async Task Answers_HEAD_with_its_headers()
    {
        using var anyone = proxy.Anyone();
        using var get = await anyone.Call($"GET {Path}");

        using var head = await anyone.Call($"HEAD {Path}");

        Assert.Equal((get.Content.Headers.ContentLength, get.Headers.ETag, 0), (head.Content.Headers.ContentLength, head.Headers.ETag, (await head.Content.ReadAsByteArrayAsync(Cancel)).Length));
    }

    [Theory]
    [InlineData("/swagger/swagger-ui-bundle.js")]
    [InlineData("/swagger/swagger-ui.css")]
    public async Task So_are_the_files_of_Swagger_UI(string path)
    {
        using var anyone = proxy.Anyone();
        using var first = await anyone.Call($"GET {path}", null, ("Accept-Encoding", "gzip, br"));

        using var again = await anyone.Call($"GET {path}", null, ("Accept-Encoding", "gzip, br"), ("If-None-Match", first.Headers.ETag!.ToString()));

        Assert.Equal((HttpStatusCode.OK, "gzip", TimeSpan.FromMinutes(5)), (first.StatusCode, first.Content.Headers.ContentEncoding.Single(), first.Headers.CacheControl?.MaxAge));
        Assert.Equal((HttpStatusCode.NotModified, first.ToCaches()), (again.StatusCode, again.ToCaches()));
    }

    private static async Task<byte[]> Decoded(byte[] bytes, string? coding)
    {
        using var from = new MemoryStream(bytes);
        using var to = new MemoryStream();
        await using Stream decoder = coding switch { "br" => new BrotliStream(from, CompressionMode.Decompress), "gzip" => new GZipStream(from, CompressionMode.Decompress), _ => from };
        await decoder.CopyToAsync(to, Cancel);
        return to.ToArray();
    }
}
