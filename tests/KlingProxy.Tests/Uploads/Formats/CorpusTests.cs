using System.Net.Http.Headers;
using System.Security.Cryptography;

using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Uploads.Formats;

/// <summary>Images as software writes them (<c>corpus/make</c>), all of 600 × 400 pixels as stored, through every door.</summary>
public sealed class CorpusTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "KlingProxy.Tests", "Uploads", "corpus");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Stands as it is stored, or on its side.</summary>
    public static TheoryData<string, string, bool> Images => new()
    {
        { "plain.jpg",                  "image/jpeg", false },
        { "progressive.jpg",            "image/jpeg", false },
        { "cmyk.jpg",                   "image/jpeg", false },
        { "restarts.jpg",               "image/jpeg", false },
        { "grey.jpg",                   "image/jpeg", false },
        { "separate-scans.jpg",         "image/jpeg", false },
        { "turned-1.jpg",               "image/jpeg", false },
        { "turned-2.jpg",               "image/jpeg", false },
        { "turned-3.jpg",               "image/jpeg", false },
        { "turned-4.jpg",               "image/jpeg", false },
        { "turned-5.jpg",               "image/jpeg", true },
        { "turned-6.jpg",               "image/jpeg", true },
        { "turned-7.jpg",               "image/jpeg", true },
        { "turned-8.jpg",               "image/jpeg", true },
        { "turned-6-with-thumbnail.jpg", "image/jpeg", true },
        { "turned-8-little-endian.jpg", "image/jpeg", true },
        { "plain.png",                  "image/png",  false },
        { "turned-6.png",               "image/png",  true },
        { "animated.png",               "image/png",  false },
        { "lossy.webp",                 "image/webp", false },
        { "lossless.webp",              "image/webp", false },
        { "animated.webp",              "image/webp", false },
        { "turned-6.webp",              "image/webp", true },
        { "plain.gif",                  "image/gif",  false },
        { "animated.gif",               "image/gif",  false },
        { "plain.avif",                 "image/avif", false },
        { "grid.avif",                  "image/avif", false },
        { "turned-1.avif",              "image/avif", true },
        { "turned-2.avif",              "image/avif", false },
        { "turned-3.avif",              "image/avif", true },
        { "turned-by-camera.avif",      "image/avif", true },
    };

    [Fact]
    public void Every_image_has_its_row() => Assert.Equal(
        Directory.EnumerateFiles(Folder, "*.*").Where(file => Path.HasExtension(file)).Select(Path.GetFileName).Order(StringComparer.Ordinal),
        Images.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Images))]
    public async Task Is_kept_as_what_it_is_shown_as(string file, string type, bool onItsSide)
    {
        var image = await File.ReadAllBytesAsync(Path.Combine(Folder, file), Cancel);
        using var caller = await proxy.NewCaller();
        using var raw = new ByteArrayContent(image) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        using var form = new MultipartFormDataContent { { new ByteArrayContent(image), "file", "picture.bin" } };

        foreach (var body in new HttpContent[] { raw, form })
        {
            var upload = await caller.PostAsync("/v1/uploads", body, Cancel).Json();
            Assert.Equal(
                (type, onItsSide ? (400, 600) : (600, 400), image.Length, Convert.ToHexStringLower(SHA256.HashData(image))),
                (upload.Text("content_type"), (upload.GetProperty("width").GetInt32(), upload.GetProperty("height").GetInt32()), upload.GetProperty("bytes").GetInt32(), upload.Text("sha256")));
            await AssertStored(upload.Text("url"), type, image);
            Assert.Equal(upload.GetRawText(), (await caller.Call($"GET /v1/uploads/{upload.Text("id")}").Json()).GetRawText());
        }
    }

    [Fact]
    public async Task Is_turned_by_what_comes_long_after_its_header()
    {
        using var caller = await proxy.NewCaller();
        byte[] orientation6 = [0, 0, 0, 26, .. "eXIf"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        var image = Picture.Png(800, 600, 300_000);
        using var body = new ByteArrayContent([.. image[..^12], .. orientation6, .. image[^12..]]) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };

        var upload = await caller.PostAsync("/v1/uploads", body, Cancel).Json();

        Assert.Equal((600, 800), (upload.GetProperty("width").GetInt32(), upload.GetProperty("height").GetInt32()));
    }

    [Theory, MemberData(nameof(Images))]
    public async Task Is_kept_from_a_data_URI(string file, string type, bool onItsSide)
    {
        var image = await File.ReadAllBytesAsync(Path.Combine(Folder, file), Cancel);
        using var caller = await proxy.NewCaller();
        var order = Given.Order($"{file}, {onItsSide}");
        order["input"]!["image_url"] = $"data:image/png;base64,{Convert.ToBase64String(image)}";

        var job = await caller.Create(order);

        await AssertStored(job.GetProperty("input").Text("image_url"), type, image);
    }

    private async Task AssertStored(string url, string type, byte[] image)
    {
        using var anyone = proxy.Anyone();
        using var stored = await anyone.GetAsync(url, Cancel);
        Assert.Equal(type, stored.Content.Headers.ContentType?.MediaType);
        Assert.Equal(image, await stored.Content.ReadAsByteArrayAsync(Cancel));
    }
}
