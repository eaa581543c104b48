using System.Text.Json.Nodes;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Jobs;

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

    private static JsonObject With(string image)
    {
        var order = Given.Order();
        order["input"]!["image_url"] = image;
        return order;
    }
}
