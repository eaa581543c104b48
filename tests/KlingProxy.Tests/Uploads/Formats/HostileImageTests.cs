using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

using KlingProxy.Sandbox;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Uploads.Formats;

/// <summary>What people send who mean no good, or whose phone lost its network: refused with the numbers, and fal never hears of it.</summary>
public sealed class HostileImageTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static readonly byte[] Photo = File.ReadAllBytes(Repository.Still);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, byte[], int, string, string> Images => new()
    {
        // case                             bytes                                                                  status code                  the numbers
        { "HTML",                           Text("<!doctype html><script>alert(1)</script>"),                      415, "unsupported-image", "" },
        { "SVG",                            Text("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),   415, "unsupported-image", "" },
        { "ZIP",                            [.. "PK"u8, 3, 4, .. new byte[200_000]],                               415, "unsupported-image", "" },
        { "PDF",                            Text("%PDF-1.7"),                                                      415, "unsupported-image", "" },
        { "GIF that is HTML",               Text("GIF89a/*<html><script>alert(1)</script>*/"),                     422, "unreadable-image",  "state no size" },
        { "too small",                      Picture.RealPng,                                                       422, "unsuitable-image",  "40 × 30" },
        { "too wide",                       Picture.Png(3000, 300),                                                422, "unsuitable-image",  "3000 × 300" },
        { "no size",                        Picture.Png(0, 0),                                                     422, "unreadable-image",  "1000 bytes" },
        { "one pixel by 100 000",           Picture.Png(1, 100_000),                                               422, "unreadable-image",  "1 × 100000" },
        { "one pixel by 60 000",            Picture.Png(1, 60_000),                                                422, "unsuitable-image",  "1 × 60000" },
        { "30 000 × 30 000 in 1000 bytes",  Picture.Png(30_000, 30_000),                                           422, "unreadable-image",  "30000 × 30000" },
        { "PNG cut off in its head",        Picture.Png(400, 400)[..20],                                           422, "unreadable-image",  "20 bytes" },
        { "JPEG that is all preface",       Picture.Jpeg(400, 400, before: 600_000)[..600_000],                    422, "unreadable-image",  "600000 bytes" },
        { "small cut-off PNG",              Picture.Png(400, 400)[..900],                                          422, "unreadable-image",  "900 bytes" },
        { "cut-off photo",                  Photo[..^200],                                                         422, "unreadable-image",  "1920 × 1080" },
        { "large cut-off PNG",              Picture.Png(400, 400, 300_000)[..200_000],                             422, "unreadable-image",  "200000 bytes" },
        { "large cut-off JPEG",             Picture.Jpeg(400, 400, pixels: 300_000)[..^1],                         422, "unreadable-image",  "400 × 400" },
        { "PNG without a pixel",            Picture.PngOf(400, 400, "zIPd", "PK\u0003\u0004 and more"),              422, "unreadable-image",  "400 × 400" },
        { "GIF without an image",           [.. "GIF89a"u8, 144, 1, 144, 1, 0, 0, 0, 0x21, 0xFE, 8, .. "<script>"u8, 0, 0x3B], 422, "unreadable-image", "state no size" },
        { "JPEG without a scan",            [.. Picture.Jpeg(400, 400)[..21], 0xFF, 0xD9],                         422, "unreadable-image",  "400 × 400" },
        { "WebP without a frame",           [.. "RIFF"u8, 22, 0, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, 143, 1, 0, 143, 1, 0], 422, "unreadable-image", "400 × 400" },
        { "AVIF without data",              Picture.Avif("avif", (400, 400))[..^50],                               422, "unreadable-image",  "400 × 400" },
        { "PNG whose last chunk lies",      [.. Picture.Png(400, 400, 100_000)[..^12], 0x7F, 0, 0, 0, .. "tEXt"u8, .. new byte[100_000]], 422, "unreadable-image", "400 × 400" },
    };

    [Theory, MemberData(nameof(Images))]
    public async Task Is_refused_with_the_numbers_through_every_door(string kind, byte[] image, int status, string code, string numbers)
    {
        using var caller = await proxy.NewCaller();
        using var raw = new ByteArrayContent(image) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using var form = new MultipartFormDataContent { { new ByteArrayContent(image), "file", "a.png" } };
        var order = Given.Order();
        order["input"]!["image_url"] = $"data:image/png;base64,{Convert.ToBase64String(image)}";
        var (whole, places) = (Whole(), proxy.Fal.Counts.Initiates);

        using var sealedBody = new ByteArrayContent(image) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        var place = await caller.Call("POST /api/fal/proxy", new System.Text.Json.Nodes.JsonObject { ["content_type"] = "image/png", ["file_name"] = "a.png" },
            ("x-fal-target-url", "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3")).Json();

        using var atFals = await caller.PutAsync(new Uri(place.Text("upload_url")).PathAndQuery, sealedBody, Cancel);
        Assert.Equal((kind, status, code), (kind, (int)atFals.StatusCode, (await atFals.Json()).Text("code")));
        var refusals = new[]
        {
            await caller.PostAsync("/v1/uploads", raw, Cancel).Refused(status, code),
            await caller.PostAsync("/v1/uploads", form, Cancel).Refused(status, code),
            await caller.Call("POST /v1/jobs", order).Refused(status, code),
        };

        Assert.All(refusals, refusal => Assert.Contains(numbers, refusal.Text("detail"), StringComparison.Ordinal));
        Assert.All(refusals[2].Pointers(), pointer => Assert.Equal("/input/image_url", pointer));
        Assert.NotEmpty(refusals[2].Pointers());
        Assert.Equal((kind, whole, 0), (kind, Whole(), proxy.SubmitsOf(order)));
        Assert.Equal((kind, places), (kind, proxy.Fal.Counts.Initiates)); // of none does fal ever hear
    }

    public static TheoryData<string, byte[]> Polyglots => new()
    {
        { "JPEG with a ZIP behind it",    [.. Photo, .. "PK"u8, 3, 4, .. new byte[1000]] },
        { "PNG with HTML behind it",      [.. Picture.Png(400, 400), .. "<script>alert(1)</script>"u8] },
        { "GIF with HTML in a comment",   [.. Picture.Gif(400, 400)[..^1], 0x21, 0xFE, 25, .. "<script>alert(1)</script>"u8, 0, 0x3B] },
    };

    /// <summary>A whole image is an image, whatever else it is: cameras put things behind it, too. It is stored as an image and nothing else.</summary>
    [Theory, MemberData(nameof(Polyglots))]
    public async Task Stays_an_image_when_it_is_also_something_else(string kind, byte[] image)
    {
        using var caller = await proxy.NewCaller();
        using var body = new ByteArrayContent(image) { Headers = { ContentType = new MediaTypeHeaderValue("image/svg+xml") } };

        var upload = await caller.PostAsync("/v1/uploads", body, Cancel).Json();

        var type = kind[..4].TrimEnd() switch { "JPEG" => "image/jpeg", "PNG" => "image/png", _ => "image/gif" };
        Assert.Equal((type, image.Length), (upload.Text("content_type"), upload.GetProperty("bytes").GetInt32()));
        Assert.Equal(type, proxy.Fal.Received.Last(call => call.Operation == SandboxOperation.Put).Headers["Content-Type"]);
        Assert.EndsWith(type["image/".Length..].Replace("jpeg", "jpg", StringComparison.Ordinal), upload.Text("url"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_refused_unread_when_10_GB_are_promised()
    {
        using var socket = await Post("Content-Type: image/png\r\nContent-Length: 10000000000\r\nExpect: 100-continue");

        var answer = await Answer(socket);

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("at most 10485760 bytes; this one has 10000000000", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_broken_off_when_its_chunks_never_end()
    {
        var whole = Whole();
        using var socket = await Post("Content-Type: image/png\r\nTransfer-Encoding: chunked");
        var answer = Answer(socket);

        var chunk = new byte[64 * 1024];
        Picture.Png(400, 400, 40_000_000).AsSpan(0, chunk.Length).CopyTo(chunk);
        for (var sent = 0; !answer.IsCompleted; sent += chunk.Length)
        {
            Assert.True(sent < 40_000_000, "Nobody stopped it.");
            try
            {
                await Send(socket, [.. Text("10000\r\n"), .. chunk, .. Text("\r\n")]);
            }
            catch (SocketException)
            {
                break; // the server has had enough
            }
        }

        Assert.StartsWith("HTTP/1.1 413", await answer, StringComparison.Ordinal);
        Assert.Equal(whole, Whole());
    }

    public static TheoryData<string, string, int, string> Forms => new()
    {
        // case                       body, whose file begins at *                                                                                                          status code
        { "huge part header",         $"--x\r\nContent-Disposition: form-data; name=a; filename=a.png\r\nX-A: {new string('a', 40_000)}\r\n\r\n*\r\n--x--\r\n",               400, "malformed" },
        { "a hundred part headers",   $"--x\r\nContent-Disposition: form-data; name=a; filename=a.png\r\n{string.Concat(Enumerable.Range(0, 100).Select(n => $"X-{n}: a\r\n"))}\r\n*\r\n--x--\r\n", 400, "malformed" },
        { "a form in a form",         "--x\r\nContent-Disposition: form-data; name=a\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\nContent-Disposition: file; filename=a.png\r\n\r\n*\r\n--y--\r\n--x--\r\n", 400, "malformed" },
        { "a form as the file",       "--x\r\nContent-Disposition: form-data; name=a; filename=a.png\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n*\r\n--y--\r\n--x--\r\n", 415, "unsupported-image" },
        { "two files",                "--x\r\nContent-Disposition: form-data; name=a; filename=a.png\r\n\r\n*\r\n--x\r\nContent-Disposition: form-data; name=b; filename=b.png\r\n\r\n*\r\n--x--\r\n", 400, "malformed" },
        { "half a second file",       "--x\r\nContent-Disposition: form-data; name=a; filename=a.png\r\n\r\n*\r\n--x\r\nContent-Disposition: form-data; name=b; filename=b.png",                             400, "malformed" },
        { "no file",                  "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n*\r\n--x--\r\n",                                                                  400, "malformed" },
        { "an empty file",            "--x\r\nContent-Disposition: form-data; name=a; filename=a.png\r\n\r\n\r\n--x--\r\n",                                                    415, "unsupported-image" },
        { "no end",                   "--x\r\nContent-Disposition: form-data; name=a; filename=a.png\r\n\r\n*",                                                                400, "malformed" },
    };

    [Theory, MemberData(nameof(Forms))]
    public async Task Is_refused_in_an_odd_form(string kind, string body, int status, string code)
    {
        using var caller = await proxy.NewCaller();
        var image = Encoding.Latin1.GetString(Picture.Png(400, 400, 100_000));
        using var form = new ByteArrayContent(Encoding.Latin1.GetBytes(body.Replace("*", image, StringComparison.Ordinal)))
        {
            Headers = { ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x") },
        };
        var whole = Whole();

        await caller.PostAsync("/v1/uploads", form, Cancel).Refused(status, code);

        Assert.Equal((kind, whole), (kind, Whole()));
    }

    /// <summary>How many PUTs storage has got whole.</summary>
    private int Whole() => proxy.Fal.Received.Count(call => call.Operation == SandboxOperation.Put && call.IsWhole);

    private async Task<Socket> Post(string headers)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancel);
        await Send(socket, Text($"POST /v1/uploads HTTP/1.1\r\nHost: {proxy.Address.Authority}\r\nAuthorization: Bearer {await proxy.NewKey()}\r\n{headers}\r\n\r\n"));
        return socket;
    }

    private static async Task Send(Socket socket, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += await socket.SendAsync(bytes.AsMemory(sent), Cancel);
    }

    private static async Task<string> Answer(Socket socket)
    {
        var (answer, chunk) = (new StringBuilder(), new byte[4096]);
        while (!answer.ToString().Contains("\r\n0\r\n", StringComparison.Ordinal) && await socket.ReceiveAsync(chunk, Cancel) is > 0 and var read)
            answer.Append(Encoding.UTF8.GetString(chunk, 0, read));
        return answer.ToString();
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);
}
