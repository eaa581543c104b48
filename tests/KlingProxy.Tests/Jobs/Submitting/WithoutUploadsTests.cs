using System.Text.Json.Nodes;

using KlingProxy.Jobs.Submitting;
using KlingProxy.Orders;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Jobs.Submitting;

/// <summary>What stays when uploads are deleted: images by their addresses, and a refusal that points at any other.</summary>
public sealed class WithoutUploadsTests(WithoutUploadsTests.WithoutUploadsFixture proxy) : IClassFixture<WithoutUploadsTests.WithoutUploadsFixture>
{
    [Fact]
    public async Task Makes_a_video_of_an_address()
    {
        using var caller = await proxy.NewCaller();

        var job = await caller.Create(Given.Order());

        Assert.Equal("completed", (await proxy.End(caller, job.Text("id"))).Text("status"));
    }

    [Fact]
    public async Task Points_at_an_image_that_stands_in_the_body()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        order["input"]!["image_url"] = "data:image/png;base64,iVBORw0KGgo=";

        var refused = await caller.Call("POST /v1/jobs", order).Refused(422, "invalid-input");

        Assert.Equal(
            """[{"pointer":"/input/image_url","code":"not-accepted","detail":"Data URIs are not accepted here: give an https address."}]""",
            JsonNode.Parse(refused.GetProperty("errors").GetRawText())!.ToJsonString());
        Assert.Empty((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray());
    }

    public sealed class WithoutUploadsFixture : ProxyFixture
    {
        // As the folders that need them register them; Uploads stands in for both.
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services.AddSingleton<IInlineImages, NoInlineImages>().AddSingleton<IOwnImages, NoOwnImages>());
        }
    }
}
