using System.Text.Json.Nodes;

using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

namespace KlingProxy.Tests.Jobs.Submitting;

/// <summary>An image written into the body itself.</summary>
public sealed class InlineImageTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task Becomes_an_upload_of_the_callers_before_fal_sees_the_job()
    {
        using var caller = await proxy.NewCaller();
        var order = With($"data:image/jpeg;base64,{Convert.ToBase64String(await File.ReadAllBytesAsync(Repository.Still, TestContext.Current.CancellationToken))}");

        var job = await caller.Create(order);

        var url = job.GetProperty("input").Text("image_url");
        Assert.StartsWith(proxy.Fal.Url.AbsoluteUri, url, StringComparison.Ordinal);
        Assert.Contains(url, proxy.AtFal(order).Input, StringComparison.Ordinal);
        Assert.DoesNotContain("base64", proxy.AtFal(order).Input, StringComparison.Ordinal);
        Assert.Equal("completed", (await proxy.End(caller, job.Text("id"))).Text("status"));
    }

    [Fact]
    public async Task Is_refused_by_what_it_is_and_pointed_at()
    {
        using var caller = await proxy.NewCaller();
        var order = With($"data:image/png;base64,{Convert.ToBase64String("<svg xmlns='http://www.w3.org/2000/svg'/>"u8)}");
        var initiates = proxy.Fal.Counts.Initiates;

        var problem = await caller.Call("POST /v1/jobs", order).Refused(415, "unsupported-image");

        Assert.Equal(["/input/image_url"], problem.Pointers());
        Assert.Equal((0, initiates), (proxy.SubmitsOf(order), proxy.Fal.Counts.Initiates));
    }

    [Theory]
    [InlineData("image/pjpeg")] // as old browsers say
    [InlineData("image/png")]
    [InlineData("image/heic")]
    [InlineData("image/jpeg;name=still.jpg")]
    [InlineData("application/octet-stream")]
    [InlineData("")]
    public async Task Is_what_its_bytes_are_whatever_it_is_called(string label)
    {
        using var caller = await proxy.NewCaller();

        var job = await caller.Create(With($"data:{label};base64,{Convert.ToBase64String(await File.ReadAllBytesAsync(Repository.Still, TestContext.Current.CancellationToken))}"));

        Assert.EndsWith(".jpg", job.GetProperty("input").Text("image_url"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image/heic")]
    [InlineData("image/heif")]
    [InlineData("image/jpeg")]
    [InlineData("application/octet-stream")]
    [InlineData("")]
    public async Task Is_refused_by_its_name_where_it_has_one_and_told_what_to_do(string label)
    {
        using var caller = await proxy.NewFalCaller();
        var order = With($"data:{label};base64,{Convert.ToBase64String(Picture.Avif("heic", (800, 600)))}");

        var problem = await caller.Call("POST /v1/jobs", order).Refused(415, "unsupported-image");
        var error = await caller.Call($"POST /fal/queue/{FalCalls.Model}", order["input"]!.DeepClone()).RefusedByFal(422);

        Assert.Contains("This is HEIC", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Contains("export the picture as JPEG", error.Text("message"), StringComparison.Ordinal);
    }

    private static JsonObject With(string image)
    {
        var order = Given.Order();
        order["input"]!["image_url"] = image;
        return order;
    }
}
