using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using KlingProxy.Access;
using KlingProxy.Budget;
using KlingProxy.Jobs;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Uploads;

public sealed class UploadTests : IAsyncLifetime
{
    private const int Cap = 10_000_000;

    private readonly UploadsHost host = new();
    private HttpClient alice = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await host.Start();
        alice = await host.Client();
    }

    public async ValueTask DisposeAsync()
    {
        alice.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Keeps_a_raw_image()
    {
        var image = Picture.Png(800, 600, 300_000);

        using var response = await alice.PostAsync("/v1/uploads", Raw(image, "image/gif"), Cancel);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var upload = await Body(response);
        var id = upload.GetProperty("id").GetString()!;
        Assert.Matches("^upl_[0-9a-f]{32}$", id);
        Assert.Equal($"/v1/uploads/{id}", response.Headers.Location?.OriginalString);
        Assert.Equal($"{host.Storage.Url}/files/{id}.png", upload.GetProperty("url").GetString());
        Assert.Equal("image/png", upload.GetProperty("content_type").GetString());
        Assert.Equal((800, 600, 300_000), (upload.GetProperty("width").GetInt32(), upload.GetProperty("height").GetInt32(), upload.GetProperty("bytes").GetInt32()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(image)), upload.GetProperty("sha256").GetString());
        Assert.Equal(host.Clock.GetUtcNow(), upload.GetProperty("created_at").GetDateTimeOffset());

        var arrival = await host.Storage.Ended;
        Assert.Equal(("image/png", 300_000L, false), (arrival.ContentType, arrival.ContentLength, arrival.HasKey));
        Assert.Equal(image, arrival.Bytes);

        Assert.Equal(upload.GetRawText(), (await Body(await alice.GetAsync(response.Headers.Location, Cancel))).GetRawText());
    }

    [Theory]
    [InlineData("image/jpeg")]
    [InlineData("image/svg+xml")]
    [InlineData("application/octet-stream")]
    public async Task Believes_the_bytes_not_the_declared_type(string declared)
    {
        using var response = await alice.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400), declared), Cancel);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("image/png", (await host.Storage.Ended).ContentType);
        Assert.EndsWith(".png", host.Storage.FileName, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(70_000)]
    [InlineData(Cap)]
    public async Task Keeps_the_file_of_a_form_among_other_fields(int length)
    {
        var image = Picture.Png(400, 300, length);
        using var form = new MultipartFormDataContent { { new StringContent("first frame"), "purpose" }, { Raw(image, "text/html"), "file", "../../evil.html" }, { new StringContent("x"), "last" } };

        using var response = await alice.PostAsync("/v1/uploads", form, Cancel);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var arrival = await host.Storage.Ended;
        Assert.Equal(("image/png", null), (arrival.ContentType, arrival.ContentLength));
        Assert.True(image.AsSpan().SequenceEqual(arrival.Bytes));
        Assert.DoesNotContain("evil", host.Storage.FileName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keeps_a_chunked_image_up_to_the_last_byte_allowed()
    {
        using var response = await Post(Raw(Picture.Png(400, 300, Cap), "image/png"), chunked: true);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(Cap, (await host.Storage.Ended).Bytes?.Length);
    }

    [Fact]
    public async Task Passes_bytes_on_before_the_last_has_come()
    {
        var image = Picture.Png(400, 300, 200_000);
        using var socket = await Send($"Content-Type: image/png\r\nContent-Length: {image.Length}", image[..150_000]);
        await host.Storage.Begun;

        await socket.SendAsync(image.AsMemory(150_000), Cancel);

        Assert.StartsWith("HTTP/1.1 201", await Answer(socket), StringComparison.Ordinal);
        Assert.Equal(image, (await host.Storage.Ended).Bytes);
    }

    public static TheoryData<string, byte[], int, string> Refused => new()
    {
        { "empty",            [],                                                    415, "unsupported-image" },
        { "HTML",             Encoding.ASCII.GetBytes("<html><script>1</script>"),   415, "unsupported-image" },
        { "SVG",              Encoding.ASCII.GetBytes("<svg onload='alert(1)'/>"),   415, "unsupported-image" },
        { "ZIP",              [.. "PK"u8, 3, 4, .. new byte[100_000]],               415, "unsupported-image" },
        { "PDF",              Encoding.ASCII.GetBytes("%PDF-1.7"),                   415, "unsupported-image" },
        { "cut-off PNG",      Picture.Png(400, 400)[..20],                           422, "unreadable-image" },
        { "PNG of no size",   Picture.Png(0, 0),                                     422, "unreadable-image" },
        { "endless preface",  Picture.Jpeg(400, 400, before: 600_000),               422, "unreadable-image" },
        { "too small",        Picture.RealPng,                                       422, "unsuitable-image" },
        { "too wide",         Picture.Png(3000, 300),                                422, "unsuitable-image" },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task Refuses_before_fal_hears_of_it(string kind, byte[] bytes, int status, string code)
    {
        using var raw = await alice.PostAsync("/v1/uploads", Raw(bytes, "image/png"), Cancel);
        using var form = await alice.PostAsync("/v1/uploads", new MultipartFormDataContent { { Raw(bytes, "image/png"), "file", "a.png" } }, Cancel);

        foreach (var response in new[] { raw, form })
        {
            Assert.Equal((status, code), ((int)response.StatusCode, await Code(response)));
            Assert.True(host.Storage.Places == 0, kind);
        }
        Assert.Equal(0, await host.Recorded());
    }

    [Fact]
    public async Task Says_which_rules_of_size_are_broken()
    {
        using var response = await alice.PostAsync("/v1/uploads", Raw(Picture.Png(1000, 100), "image/png"), Cancel);

        var problem = await Body(response);
        Assert.Equal("The image is 1000 × 100 pixels. Each side must have at least 300 pixels. Width divided by height must lie between 0.40 and 2.50; it is 10.000.", problem.GetProperty("detail").GetString());
        Assert.Equal(["too-small", "ratio"], problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stops_in_the_middle_of_an_image_that_is_too_large(bool form)
    {
        HttpContent content = Raw(Picture.Png(400, 400, Cap + 1), "image/png");
        if (form)
            content = new MultipartFormDataContent { { content, "file", "a.png" } };

        using var response = await Post(content, chunked: true);

        Assert.Equal((413, "image-too-large"), ((int)response.StatusCode, await Code(response)));
        Assert.Null((await host.Storage.Ended).Bytes);
        Assert.Equal(0, await host.Recorded());
    }

    [Theory]
    [InlineData("image/png", Cap + 1)]
    [InlineData("image/png", 4_000_000_000)]
    [InlineData("multipart/form-data; boundary=x", 4_000_000_000)]
    public async Task Refuses_what_is_announced_as_too_large_unread(string type, long length)
    {
        using var socket = await Send($"Content-Type: {type}\r\nContent-Length: {length}\r\nExpect: 100-continue", []);

        var answer = await Answer(socket);

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("image-too-large", answer, StringComparison.Ordinal);
        Assert.Equal(0, host.Storage.Places);
    }

    [Fact]
    public async Task Refuses_a_form_that_is_too_large_beside_its_file()
    {
        using var response = await Post(new MultipartFormDataContent { { new StringContent(new string('x', Cap + (128 * 1024))), "text" } }, chunked: true);

        Assert.Equal((413, "image-too-large"), ((int)response.StatusCode, await Code(response)));
    }

    public static TheoryData<string, string, int, string> Bodies => new()
    {
        // content type                          body                                                                    status  code
        { "multipart/form-data; boundary=x",     "--x--\r\n",                                                            400, "malformed" },
        { "multipart/form-data; boundary=x",     "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n",  400, "malformed" },
        { "multipart/form-data; boundary=x",     "",                                                                     400, "malformed" },
        { "multipart/form-data; boundary=x",     "no form at all",                                                       400, "malformed" },
        { "multipart/form-data",                 "--x--\r\n",                                                            400, "malformed" },
        { "multipart/form-data; boundary=\"\"",  "--x--\r\n",                                                            400, "malformed" },
        { "application/json",                    "{}",                                                                   415, "unsupported-media-type" },
        { "text/plain",                          "x",                                                                    415, "unsupported-media-type" },
        { "application/x-www-form-urlencoded",   "x=1",                                                                  415, "unsupported-media-type" },
        { "multipart/mixed; boundary=x",         "--x--\r\n",                                                            415, "unsupported-media-type" },
        { "",                                    "x",                                                                    415, "unsupported-media-type" },
    };

    [Theory, MemberData(nameof(Bodies))]
    public async Task Refuses_a_body_of_the_wrong_form(string type, string body, int status, string code)
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        if (type.Length > 0)
            content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var response = await alice.PostAsync("/v1/uploads", content, Cancel);

        Assert.Equal((status, code), ((int)response.StatusCode, await Code(response)));
        Assert.Equal(0, host.Storage.Places);
    }

    [Theory]
    [InlineData("\r\n--x\r\nContent-Disposition: form-data; name=b; filename=b.png\r\n\r\nmore\r\n--x--\r\n")]
    [InlineData("\r\n--x\r\nContent-Disposition: form-data; name=b; filename=b.png")]
    [InlineData("")]
    public async Task Breaks_off_when_a_form_goes_wrong_after_its_file(string rest)
    {
        byte[] body = [.. "--x\r\nContent-Disposition: form-data; name=a; filename=a.png\r\n\r\n"u8, .. Picture.Png(400, 400, 100_000), .. Encoding.ASCII.GetBytes(rest)];
        using var content = Raw(body, "image/png");
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");

        using var response = await alice.PostAsync("/v1/uploads", content, Cancel);

        Assert.Equal((400, "malformed"), ((int)response.StatusCode, await Code(response)));
        Assert.Null((await host.Storage.Ended).Bytes);
        Assert.Equal(0, await host.Recorded());
    }

    [Fact]
    public async Task Refuses_chunks_that_are_framed_wrongly()
    {
        var image = Picture.Png(400, 400, 150_000);
        using var socket = await Send("Content-Type: image/png\r\nTransfer-Encoding: chunked", [.. Encoding.ASCII.GetBytes($"{image.Length:x}\r\n"), .. image, .. "\r\nno length\r\n"u8]);

        var answer = await Answer(socket);

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("malformed", answer, StringComparison.Ordinal);
        Assert.Equal(0, await host.Recorded());
    }

    [Theory]
    [InlineData("Content-Length: 200000", false)]
    [InlineData("Content-Length: 200000", true)]
    [InlineData("Transfer-Encoding: chunked", false)]
    [InlineData("Transfer-Encoding: chunked", true)]
    public async Task Records_nothing_when_the_body_ends_early(string framing, bool reset)
    {
        byte[] chunk = [.. "249f0\r\n"u8, .. Picture.Png(400, 400, 150_000), .. "\r\n"u8]; // 0x249f0 = 150 000
        using var socket = await Send($"Content-Type: image/png\r\n{framing}", framing.EndsWith("chunked", StringComparison.Ordinal) ? chunk : chunk[7..^2]);
        await host.Storage.Begun;

        if (reset)
            socket.Close(0); // as of a phone that lost its network
        else
            socket.Shutdown(SocketShutdown.Send);

        Assert.Null((await host.Storage.Ended).Bytes);
        Assert.Equal(0, await host.Recorded());
    }

    [Theory]
    [InlineData(403, 200)]
    [InlineData(200, 403)]
    [InlineData(200, 500)]
    public async Task Says_that_storage_is_unavailable(int initiate, int put)
    {
        (host.Storage.InitiateStatus, host.Storage.PutStatus) = (initiate, put);

        using var response = await alice.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400), "image/png"), Cancel);

        Assert.Equal((503, "storage-unavailable"), ((int)response.StatusCode, await Code(response)));
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        Assert.Equal(0, await host.Recorded());
    }

    [Fact]
    public async Task Loses_patience_with_storage_that_never_answers()
    {
        host.Storage.IsSilent = true;
        var answer = alice.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400), "image/png"), Cancel);
        await host.Storage.Ended;

        while (!answer.IsCompleted && !Cancel.IsCancellationRequested) // the clock may turn before the wait for it begins
        {
            host.Clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        using var response = await answer;
        Assert.Equal((503, "storage-unavailable"), ((int)response.StatusCode, await Code(response)));
        Assert.Equal(0, await host.Recorded());
    }

    [Fact]
    public async Task A_foreign_upload_answers_like_a_missing_one()
    {
        using var created = await alice.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400), "image/png"), Cancel);
        var own = created.Headers.Location!.OriginalString;
        using var bob = await host.Client();

        foreach (var verb in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            var texts = new List<string>();
            foreach (var path in new[] { own, "/v1/uploads/upl_0123456789abcdef0123456789abcdef" })
            {
                using var response = await bob.SendAsync(new HttpRequestMessage(verb, path), Cancel);
                Assert.Equal((404, "upload-not-found"), ((int)response.StatusCode, await Code(response)));
                texts.Add((await Body(response)).GetRawText().Replace((await Body(response)).GetProperty("request_id").GetString()!, "", StringComparison.Ordinal));
            }
            Assert.Equal(texts[0], texts[1]);
        }
        Assert.Equal(1, await host.Recorded());
    }

    [Fact]
    public async Task Forgets_an_upload_once()
    {
        using var created = await alice.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400), "image/png"), Cancel);

        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync(created.Headers.Location, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.DeleteAsync(created.Headers.Location, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(created.Headers.Location, Cancel)).StatusCode);
    }

    [Fact]
    public async Task Needs_a_credential()
    {
        using var nobody = new HttpClient { BaseAddress = host.Url };

        using var response = await nobody.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400), "image/png"), Cancel);

        Assert.Equal((401, "unauthorized"), ((int)response.StatusCode, await Code(response)));
    }

    [Fact]
    public async Task A_data_uri_becomes_an_upload_of_the_callers_own()
    {
        var image = Picture.Png(400, 400, 100_001);

        var kept = await host.Services.GetRequiredService<IInlineImages>().Keep(new Caller("carol", false), $"data:image/jpeg;base64,{Convert.ToBase64String(image)}", "/input/image_url", Cancel);

        Assert.True(kept.IsKept);
        var arrival = await host.Storage.Ended;
        Assert.Equal(("image/png", 100_001L), (arrival.ContentType, arrival.ContentLength));
        Assert.Equal(image, arrival.Bytes);

        var own = host.Services.GetRequiredService<IOwnImages>();
        Assert.Equal([KeyValuePair.Create(kept.Url, kept.Url)], await own.Among("carol", "carol", [kept.Url, kept.Url + "?", kept.Url.ToUpperInvariant(), "https://example.com/a.png"], Cancel));
        Assert.Empty(await own.Among("dave", "dave", [kept.Url], Cancel));
        Assert.Empty(await own.Among("carol", "carol", [], Cancel));
    }

    [Fact]
    public async Task A_data_uri_is_judged_like_any_upload()
    {
        var kept = await host.Services.GetRequiredService<IInlineImages>().Keep(new Caller("carol", false), $"data:image/png;base64,{Convert.ToBase64String("<svg/>"u8)}", "/input/image_url", Cancel);

        Assert.False(kept.IsKept);
        Assert.Equal(415, kept.Refusal?.StatusCode);
        Assert.Equal(0, host.Storage.Places);
    }

    [Fact]
    public async Task Describes_both_bodies()
    {
        var document = await alice.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancel);

        var content = document.GetProperty("paths").GetProperty("/v1/uploads").GetProperty("post").GetProperty("requestBody").GetProperty("content");
        Assert.Equal("binary", content.GetProperty("image/*").GetProperty("schema").GetProperty("format").GetString());
        Assert.Equal("binary", content.GetProperty("multipart/form-data").GetProperty("schema").GetProperty("properties").GetProperty("file").GetProperty("format").GetString());
    }

    private static ByteArrayContent Raw(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    private async Task<HttpResponseMessage> Post(HttpContent content, bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/uploads") { Content = content, Headers = { TransferEncodingChunked = chunked } };
        return await alice.SendAsync(request, Cancel);
    }

    private async Task<Socket> Send(string headers, byte[] body)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, host.Url.Port, Cancel);
        var secret = await host.Secret("socket");
        var head = $"POST /v1/uploads HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {secret}\r\n{headers}\r\n\r\n";
        await socket.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body], Cancel);
        return socket;
    }

    /// <summary>The answer up to the end of its JSON; what the server does to the connection afterwards is its own affair.</summary>
    private static async Task<string> Answer(Socket socket)
    {
        var (text, buffer) = ("", new byte[4096]);
        while (!text.Contains('}', StringComparison.Ordinal) && await socket.ReceiveAsync(buffer, Cancel) is > 0 and var read)
            text += Encoding.UTF8.GetString(buffer, 0, read);
        return text;
    }

    private static async Task<JsonElement> Body(HttpResponseMessage response) => JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancel));

    private static async Task<string?> Code(HttpResponseMessage response) => (await Body(response)).GetProperty("code").GetString();
}
