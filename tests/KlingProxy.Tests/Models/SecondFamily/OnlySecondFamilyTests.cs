using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Models.SecondFamily;

/// <summary>Where no model of O3 is offered, nothing speaks of its fields.</summary>
public sealed class OnlySecondFamilyTests(OnlySecondFamilyFixture proxy) : IClassFixture<OnlySecondFamilyFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_what_an_order_without_a_model_gets()
    {
        using var caller = await proxy.NewCaller();
        var order = SecondFamilyFixture.Order(duration: "10");
        order.Remove("model");

        var quote = await caller.Call("POST /v1/quotes", order).Json();

        Assert.Equal((Kling4.Id, "2.35"), (quote.Text("model"), quote.Text("amount")));
        await caller.Call("POST /v1/jobs", new JsonObject { ["model"] = FalCalls.Model, ["input"] = new JsonObject() }).Refused(422, "unknown-model");
    }

    [Theory]
    [InlineData("data:image/png;base64,AAAA")]
    [InlineData("{\"image\":1}")]
    public async Task Is_what_advice_about_an_upload_names(string body)
    {
        using var caller = await proxy.NewCaller();
        using var text = new ByteArrayContent(Encoding.ASCII.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };

        var problem = await caller.PostAsync("/v1/uploads", text, Cancel).Refused(415, "unsupported-image");

        Assert.Contains("`start_image_url` of a job", problem.Text("detail"), StringComparison.Ordinal);
        Assert.DoesNotContain("`image_url`", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_all_that_is_described()
    {
        using var anyone = proxy.Anyone();

        var schemas = JsonNode.Parse(await anyone.GetStringAsync("/openapi/v1.json", Cancel))!["components"]!["schemas"]!;

        Assert.All(["VideoOrder", "Job", "OperatorJob"], name =>
            Assert.Equal("#/components/schemas/Kling4Input", (string)schemas[name]!["properties"]!["input"]!["$ref"]!));
        Assert.DoesNotMatch(@"\b(end_)?image_url\b|VideoInput|VideoShot", schemas.ToJsonString());
    }
}
