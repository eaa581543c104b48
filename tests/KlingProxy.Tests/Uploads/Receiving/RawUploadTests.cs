using System.Net.Http.Headers;
using System.Text;

using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

namespace KlingProxy.Tests.Uploads.Receiving;

/// <summary>Bodies that are the image itself: what they are called is not asked, and what they are is said where it has a name.</summary>
public sealed class RawUploadTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("image/png")]
    [InlineData("image/heic")]
    [InlineData("application/octet-stream")]
    [InlineData("application/x-www-form-urlencoded")] // as curl says of --data-binary
    [InlineData("text/plain;charset=UTF-8")]
    [InlineData("application/json")]
    [InlineData("binary/octet-stream")]
    [InlineData("png")]
    [InlineData("multipart/mixed; boundary=x")]
    public async Task Are_images_of_any_type_or_none(string type)
    {
        var upload = await Post(Picture.Png(400, 400), type).Json();

        Assert.Equal("image/png", upload.Text("content_type"));
    }

    public static TheoryData<string, byte[], string> Foreign => new()
    {
        { "HEIC",               Picture.Avif("heic", (800, 600)),                                              "This is HEIC" },
        { "HEIC, sequence",     [0, 0, 0, 24, .. "ftyphevc"u8, 0, 0, 0, 0, .. "msf1hevc"u8],                   "Most Compatible" },
        { "HEIC, only mif1",    [0, 0, 0, 20, .. "ftypmif1"u8, 0, 0, 0, 0, .. "miaf"u8],                       "This is HEIC" },
        { "raw",                [0, 0, 0, 24, .. "ftypcrx "u8, 0, 0, 0, 1, .. "crx isom"u8],                   "raw file" },
        { "film",               [0, 0, 0, 24, .. "ftypisom"u8, 0, 0, 2, 0, .. "isommp42"u8],                   "This is a video" },
        { "TIFF",               [.. "II*\0"u8, 8, 0, 0, 0],                                                    "This is TIFF" },
        { "BMP",                [.. "BM"u8, .. new byte[50]],                                                  "This is BMP" },
        { "JPEG XL",            [0xFF, 0x0A, 1, 2, 3],                                                         "This is JPEG XL" },
        { "JPEG 2000",          [0, 0, 0, 12, .. "jP  "u8, 13, 10, 0x87, 10],                                  "This is JPEG 2000" },
        { "Photoshop",          [.. "8BPS"u8, 0, 1],                                                           "Photoshop" },
        { "PDF",                [.. "%PDF-1.7"u8],                                                             "This is PDF" },
        { "SVG",                [.. "<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>"u8],      "This is SVG" },
        { "gzip",               [0x1F, 0x8B, 8, 0],                                                            "gzip" },
        { "JSON",               [.. "{\"image_url\": \"https://example.com/a.png\"}"u8],                       "This is JSON" },
        { "base64",             Encoding.ASCII.GetBytes(Convert.ToBase64String(Picture.RealJpeg)),             "This is base64" },
        { "data URI",           [.. "data:image/png;base64,iVBO"u8],                                           "This is a data URI" },
        { "form",               [.. "------x\r\nContent-Disposition: form-data"u8],                            "This looks like a form" },
        { "nothing",            [],                                                                            "not one byte came" },
    };

    [Theory, MemberData(nameof(Foreign))]
    public async Task Are_refused_by_their_name(string kind, byte[] bytes, string says)
    {
        var problem = await Post(bytes, "image/jpeg").Refused(415, "unsupported-image");

        Assert.Contains(says, problem.Text("detail"), StringComparison.Ordinal);
        Assert.NotEmpty(kind);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity, gzip")]
    public async Task Are_not_unpacked(string coding)
    {
        using var caller = await proxy.NewCaller();
        using var body = new ByteArrayContent(Picture.Png(400, 400)) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        Assert.True(body.Headers.TryAddWithoutValidation("Content-Encoding", coding));

        using var reply = await caller.PostAsync("/v1/uploads", body, Cancel);

        Assert.Equal("identity", reply.Headers.GetValues("Accept-Encoding").Single());
        Assert.Contains("without Content-Encoding", (await Task.FromResult(reply).Refused(415, "unsupported-media-type")).Text("detail"), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> Post(byte[] bytes, string type)
    {
        using var caller = await proxy.NewCaller();
        using var body = new ByteArrayContent(bytes);
        Assert.True(type.Length == 0 || body.Headers.TryAddWithoutValidation("Content-Type", type));
        return await caller.PostAsync("/v1/uploads", body, Cancel);
    }
}
