using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.FalStorage;
using KlingProxy.Secrets;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;
using KlingProxy.Uploads;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.FalStorage;

/// <summary>Uploads as fal's clients make them: an address for the bytes, an address for the image, no credential with the bytes.</summary>
public sealed class SealedUploadTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Becomes_an_upload_like_any_other()
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var place = await Initiate(caller, "text.png", "image/png");
        var places = proxy.Fal.Counts.Initiates;

        Assert.Equal(200, await Put(anyone, place.Text("upload_url"), await Still()));

        var order = Given.Order();
        order["input"]!["image_url"] = place.Text("file_url");
        var submitted = await caller.Submit(order);
        var id = Upload.IdIn(place.Text("file_url"))!;
        var upload = await caller.Call($"GET /v1/uploads/{id}").Json();
        Assert.Equal(("image/jpeg", 1920), (upload.Text("content_type"), upload.GetProperty("width").GetInt32())); // what the bytes are
        await caller.Reaches(submitted.Text("request_id"), "queued");
        Assert.Equal(upload.Text("url"), JsonElement.Parse(proxy.AtFal(order).Input).Text("image_url"));
        Assert.Equal(places + 1, proxy.Fal.Counts.Initiates);

        using var seen = await anyone.Follow("GET", place.Text("file_url"));
        Assert.Equal((307, upload.Text("url")), ((int)seen.StatusCode, seen.Headers.Location?.AbsoluteUri));
        Assert.Equal(submitted.Text("request_id"), (await caller.Call("GET /v1/jobs?limit=1").Json()).GetProperty("data")[0].Text("id"));
    }

    [Fact]
    public async Task Takes_one_image_and_no_second()
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var place = await Initiate(caller);

        Assert.Equal(415, await Put(anyone, place.Text("upload_url"), "<html>not an image</html>"u8.ToArray())); // leaves nothing
        Assert.Equal(200, await Put(anyone, place.Text("upload_url"), await Still()));
        var puts = proxy.Fal.Counts.Puts;

        await Send(anyone, place.Text("upload_url"), await Still()).RefusedByFal(403, "upload-url-spent");
        Assert.Equal(puts, proxy.Fal.Counts.Puts);
    }

    [Fact]
    public async Task Two_at_once_are_one()
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var place = await Initiate(caller);
        var still = await Still();
        var puts = proxy.Fal.Counts.Puts;

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Put(anyone, place.Text("upload_url"), still)));

        Assert.Equal((1, 7), (answers.Count(status => status == 200), answers.Count(status => status == 403)));
        Assert.Equal(puts + 1, proxy.Fal.Counts.Puts); // fal stored no more than that
    }

    [Theory]
    [InlineData("x-fal-object-lifecycle")]
    [InlineData("x-fal-object-lifecycle-preference")]
    public async Task Lives_as_long_as_its_sender_wants(string header)
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        using var reply = await caller.Call("POST /api/fal/proxy", new JsonObject { ["content_type"] = "image/jpeg", ["file_name"] = "a.jpg" }, FalCalls.Target(FalCalls.StorageTarget), (header, """{"expiration_duration_seconds":3600}"""));

        Assert.Equal(200, await Put(anyone, (await reply.Json()).Text("upload_url"), await Still()));

        var asked = proxy.Fal.Received.Last(call => call.Operation == Sandbox.SandboxOperation.Initiate);
        Assert.Equal("""{"expiration_duration_seconds":3600}""", asked.Headers["x-fal-object-lifecycle"]);
        await caller.Call("POST /api/fal/proxy", new JsonObject(), FalCalls.Target(FalCalls.StorageTarget), (header, """{"initial_acl":{"default":"hide"}}""")).RefusedByFal(400, "fal-invalid-terms");
    }

    [Theory]
    [InlineData("video/mp4", "Send a still of it")]
    [InlineData("Video/quicktime", "Send a still of it")]
    [InlineData("application/pdf", "Save the page as JPEG or PNG")]
    [InlineData("text/html", "Send a picture")]
    public async Task Is_not_given_to_what_is_said_to_be_no_image_which_is_told_what_to_do(string type, string says)
    {
        using var caller = await proxy.NewFalCaller();

        var error = await caller.Call("POST /api/fal/proxy", new JsonObject { ["content_type"] = type, ["file_name"] = "a" }, FalCalls.Target(FalCalls.StorageTarget)).RefusedByFal(415, "unsupported-image");

        Assert.Contains(says, error.Text("message"), StringComparison.Ordinal);
        Assert.DoesNotContain("The bytes", error.Text("message"), StringComparison.Ordinal); // none came
    }

    [Theory]
    [InlineData("image/heic")]
    [InlineData("image/jpeg")]
    [InlineData("application/octet-stream")]
    public async Task Refuses_an_iPhones_picture_with_what_to_do_whatever_it_was_called(string type)
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var place = await Initiate(caller, "IMG_0001.HEIC", type);

        var error = await Send(anyone, place.Text("upload_url"), Picture.Avif("heic", (800, 600))).RefusedByFal(415, "unsupported-image");
        Assert.Contains("Share or export the picture as JPEG", error.Text("message"), StringComparison.Ordinal);
        Assert.Equal(200, await Put(anyone, place.Text("upload_url"), await Still()));
    }

    [Fact]
    public async Task Expires()
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var place = await Initiate(caller);

        proxy.Clock.Advance(TimeSpan.FromMinutes(15));

        await Send(anyone, place.Text("upload_url"), await Still()).RefusedByFal(403, "upload-url-spent");
    }

    [Fact]
    public async Task Cannot_be_made_or_bent()
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var place = await Initiate(caller);
        var (permit, view) = (place.Text("upload_url"), place.Text("file_url"));
        var seal = view[(view.LastIndexOf('/') + 1)..];

        foreach (var bent in new[] { permit[..^1], permit + "A", permit[..^4] + "AAAA", permit[..(permit.LastIndexOf('/') + 1)] + seal, permit[..(permit.LastIndexOf('/') + 1)] + "x", permit[..(permit.LastIndexOf('/') + 1)] + new string('A', 60) })
            await Send(anyone, bent, await Still()).RefusedByFal(403, "upload-url-spent");
        await anyone.Follow("GET", view).RefusedByFal(404, "upload-not-found"); // nothing has come yet
        await anyone.Follow("GET", view[..^2] + "AA").RefusedByFal(404, "upload-not-found");
    }

    [Fact]
    public async Task Is_nobody_elses_image()
    {
        using var alice = await proxy.NewFalCaller();
        using var bob = await proxy.NewFalCaller();
        var place = await Initiate(alice);
        await Put(bob, place.Text("upload_url"), await Still());
        var order = Given.Order();
        order["input"]!["image_url"] = place.Text("file_url");

        await bob.Call($"POST /fal/queue/{FalCalls.Model}", order["input"]).RefusedByFal(422, "invalid-input");
        await alice.Submit(order);
    }

    [Fact]
    public async Task Is_known_to_a_replica_that_has_just_started()
    {
        using var caller = await proxy.NewFalCaller();
        var place = await Initiate(caller);
        var (permit, file) = (place.Text("upload_url"), place.Text("file_url"));

        var replica = new UploadSeal(proxy.Services.GetRequiredService<ISecretStore>(), proxy.Clock); // shares nothing but the database
        var name = await replica.OpenPermit(permit[(permit.LastIndexOf('/') + 1)..], Cancel);

        Assert.Equal(Upload.IdIn(file), name?.Id);
        Assert.StartsWith("key_", name?.CallerId, StringComparison.Ordinal);
        Assert.DoesNotContain(name!.CallerId, permit + file, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://proxy.example.com/fal/files/upl_0123456789abcdef0123456789abcdef/x_-9", true)]
    [InlineData("http://localhost:8080/below/fal/files/upl_0123456789abcdef0123456789abcdef/x", true)]
    [InlineData("https://proxy.example.com/fal/files/upl_0123456789ABCDEF0123456789abcdef/x", false)]
    [InlineData("https://proxy.example.com/fal/files/upl_0123456789abcdef0123456789abcdef/x?y", false)]
    [InlineData("https://proxy.example.com/fal/files/upl_0123456789abcdef0123456789abcdef/x\n", false)]
    [InlineData("https://proxy.example.com/?/fal/files/upl_0123456789abcdef0123456789abcdef/x", false)]
    public void Knows_its_own_addresses(string address, bool own) => Assert.Equal(own, Upload.IdIn(address) is not null);

    private static async Task<JsonElement> Initiate(HttpClient caller, string name = "still.jpg", string type = "image/jpeg")
    {
        using var reply = await caller.Call("POST /api/fal/proxy", new JsonObject { ["content_type"] = type, ["file_name"] = name }, FalCalls.Target(FalCalls.StorageTarget));
        Assert.Equal(200, (int)reply.StatusCode);
        return await reply.Json();
    }

    private static async Task<int> Put(HttpClient client, string address, byte[] bytes)
    {
        using var reply = await Send(client, address, bytes);
        return (int)reply.StatusCode;
    }

    private static async Task<HttpResponseMessage> Send(HttpClient client, string address, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(address).PathAndQuery) { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } } };
        return await client.SendAsync(request, Cancel);
    }

    private static Task<byte[]> Still() => File.ReadAllBytesAsync(Repository.Still, Cancel);
}
