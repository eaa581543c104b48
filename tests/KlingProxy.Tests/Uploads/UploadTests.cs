using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

using KlingProxy.Http.Bodies;
using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Uploads;

/// <summary>From the browser's body to fal's storage, and what is known of it afterwards.</summary>
public sealed class UploadTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    /// <summary>In bytes.</summary>
    private const int Cap = 10_485_760;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keeps_a_raw_image()
    {
        using var caller = await proxy.NewCaller();
        var image = Picture.Png(800, 600, 300_000);

        using var reply = await caller.PostAsync("/v1/uploads", Raw(image, "image/gif"), Cancel);

        var upload = await reply.Json();
        var id = upload.Text("id");
        Assert.Matches("^upl_[0-9a-f]{32}$", id);
        Assert.Equal((201, $"/v1/uploads/{id}"), ((int)reply.StatusCode, reply.Headers.Location?.OriginalString));
        Assert.EndsWith($"/{id}.png", upload.Text("url"), StringComparison.Ordinal);
        Assert.Equal(("image/png", Convert.ToHexStringLower(SHA256.HashData(image))), (upload.Text("content_type"), upload.Text("sha256")));
        Assert.Equal((800, 600, 300_000), (upload.GetProperty("width").GetInt32(), upload.GetProperty("height").GetInt32(), upload.GetProperty("bytes").GetInt32()));
        Assert.Equal(proxy.Clock.GetUtcNow(), upload.GetProperty("created_at").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));

        var put = Arrived();
        Assert.Equal(("image/png", "300000", false), (put.Headers["Content-Type"], put.Headers["Content-Length"], put.LeaksCredential));
        Assert.Equal(image, await AtFal(upload));
        Assert.Equal(upload.GetRawText(), (await caller.Call($"GET /v1/uploads/{id}").Json()).GetRawText());
    }

    [Theory]
    [InlineData("image/jpeg")]
    [InlineData("image/svg+xml")]
    [InlineData("application/octet-stream")]
    public async Task Believes_the_bytes_not_the_declared_type(string declared)
    {
        using var caller = await proxy.NewCaller();

        var upload = await caller.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400), declared), Cancel).Json();

        Assert.Equal(("image/png", "image/png"), (upload.Text("content_type"), Arrived().Headers["Content-Type"]));
        Assert.EndsWith(".png", upload.Text("url"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(70_000)]
    [InlineData(Cap)]
    public async Task Keeps_the_file_of_a_form_among_other_fields(int length)
    {
        using var caller = await proxy.NewCaller();
        var image = Picture.Png(400, 300, length);
        using var form = new MultipartFormDataContent { { new StringContent("first frame"), "purpose" }, { Raw(image, "text/html"), "file", "../../evil.html" }, { new StringContent("x"), "last" } };

        var upload = await caller.PostAsync("/v1/uploads", form, Cancel).Json();

        Assert.Equal(("image/png", $"{length}"), (Arrived().Headers["Content-Type"], Arrived().Headers["Content-Length"])); // which a form does not say of its file
        Assert.Equal(SHA256.HashData(image), SHA256.HashData(await AtFal(upload)));
        Assert.DoesNotContain("evil", upload.Text("url"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keeps_a_chunked_image_up_to_the_last_byte_allowed()
    {
        using var caller = await proxy.NewCaller();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/uploads") { Content = Raw(Picture.Png(400, 300, Cap), "image/png"), Headers = { TransferEncodingChunked = true } };

        var upload = await caller.SendAsync(request, Cancel).Json();

        Assert.Equal($"{Cap}", Arrived().Headers["Content-Length"]);
        Assert.Equal((Cap, Cap), (upload.GetProperty("bytes").GetInt32(), (await AtFal(upload)).Length));
    }

    [Fact]
    public async Task Forgets_an_upload_once()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400), "image/png"), Cancel).Json()).Text("id");

        Assert.Equal(204, await caller.Call($"DELETE /v1/uploads/{id}").Status());
        await caller.Call($"DELETE /v1/uploads/{id}").Refused(404, "upload-not-found");
        await caller.Call($"GET /v1/uploads/{id}").Refused(404, "upload-not-found");
    }

    [Theory]
    [InlineData(SandboxStorageFault.GivesNoPlace)]
    [InlineData(SandboxStorageFault.RefusesBytes)]
    [InlineData(SandboxStorageFault.LosesBytes)]
    [InlineData(SandboxStorageFault.FallsSilent)]
    public async Task Says_that_storage_is_unavailable_and_works_again_when_it_does(SandboxStorageFault fault)
    {
        using var caller = await proxy.NewCaller();
        var puts = proxy.Fal.Counts.Puts;
        proxy.Fal.StorageFault = fault;

        var answer = caller.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400), "image/png"), Cancel);
        if (fault is SandboxStorageFault.FallsSilent)
        {
            await proxy.Until(() => proxy.Fal.Counts.Puts > puts);
            await proxy.TurnUntil(TimeSpan.FromMinutes(1), () => Task.FromResult(answer.IsCompleted));
        }

        using var reply = await answer;
        Assert.NotNull(reply.Headers.RetryAfter?.Delta);
        await Task.FromResult(reply).Refused(503, "storage-unavailable");
        proxy.Fal.StorageFault = null;
        Assert.Equal(201, await caller.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400), "image/png"), Cancel).Status());
    }

    [Fact]
    public async Task Says_that_there_is_no_room_and_works_again_when_there_is()
    {
        using var caller = await proxy.NewCaller();
        var (spool, places) = (proxy.Services.GetRequiredService<Spool>(), proxy.Fal.Counts.Initiates);
        spool.Take(Spool.Max);

        using var reply = await caller.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400, 100_000), "image/png"), Cancel);

        spool.GiveBack(Spool.Max);
        Assert.NotNull(reply.Headers.RetryAfter?.Delta);
        await Task.FromResult(reply).Refused(503, "overloaded");
        Assert.Equal((0L, places), (spool.Taken, proxy.Fal.Counts.Initiates));
        Assert.Contains(proxy.Log.Lines, line => line.Contains("No room on disk to hold an image", StringComparison.Ordinal));
        Assert.Equal(201, await caller.PostAsync("/v1/uploads", Raw(Picture.Png(400, 400, 100_000), "image/png"), Cancel).Status());
    }

    [Fact]
    public async Task Describes_both_bodies()
    {
        using var anyone = proxy.Anyone();

        var content = (await anyone.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancel)).GetProperty("paths").GetProperty("/v1/uploads").GetProperty("post").GetProperty("requestBody").GetProperty("content");

        Assert.Equal("binary", content.GetProperty("image/*").GetProperty("schema").GetProperty("format").GetString());
        Assert.Equal("binary", content.GetProperty("multipart/form-data").GetProperty("schema").GetProperty("properties").GetProperty("file").GetProperty("format").GetString());
    }

    private static ByteArrayContent Raw(byte[] bytes, string type) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    /// <summary>The newest PUT.</summary>
    private ReceivedCall Arrived() => proxy.Fal.Received.Last(call => call.Operation == SandboxOperation.Put);

    private async Task<byte[]> AtFal(JsonElement upload)
    {
        using var anyone = proxy.Anyone();
        return await anyone.GetByteArrayAsync(new Uri(upload.Text("url")), Cancel);
    }
}
