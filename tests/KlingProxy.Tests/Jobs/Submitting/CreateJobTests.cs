using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Submitting;

public sealed class CreateJobTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    // As HTML forms and generated clients write them; what they leave empty costs what it would cost if it were not there, at fal too.
    [Theory]
    [InlineData("""{"image_url":"https://example.com/a.png","prompt":"#","multi_prompt":[],"end_image_url":"","shot_type":"customize"}""", "2.10")]
    [InlineData("""{"image_url":"https://example.com/a.png","prompt":"#","multi_prompt":null,"duration":null,"shot_type":"intelligent"}""", "2.10")]
    [InlineData("""{"image_url":"https://example.com/a.png","prompt":"","multi_prompt":[{"prompt":"#"},{"prompt":"Near.","duration":"3"}]}""", "3.36")]
    public async Task Costs_what_was_said_and_not_what_a_form_left_empty(string input, string usd)
    {
        using var caller = await proxy.NewCaller();
        var name = $"Petals fall. {Guid.NewGuid():N}";

        var job = await caller.Create(new JsonObject { ["input"] = JsonNode.Parse(input.Replace("#", name, StringComparison.Ordinal)) });
        job = await proxy.End(caller, job.Text("id"));

        Assert.Equal(("completed", usd, usd), (job.Text("status"), job.Text("estimated_cost"), job.Text("cost")));
        Assert.Equal(decimal.Parse(usd, CultureInfo.InvariantCulture), Assert.Single(proxy.Fal.Jobs, made => made.Input.Contains(name, StringComparison.Ordinal)).Billed.Amount);
    }

    [Theory]
    [MemberData(nameof(Given.Examples), MemberType = typeof(Given))]
    public async Task Makes_each_example_for_the_price_that_was_quoted(string example, string input, string cost)
    {
        using var caller = await proxy.NewCaller();
        var order = new JsonObject { ["input"] = JsonNode.Parse(input) };

        var quote = await caller.Call("POST /v1/quotes", order).Json();
        var created = await caller.Create(order);
        var job = await proxy.End(caller, created.Text("id"));

        Assert.Equal((example, cost, cost, cost), (example, quote.Text("amount"), created.Text("estimated_cost"), job.Text("cost")));
        Assert.Equal(("completed", false), (job.Text("status"), job.GetProperty("cost_is_estimated").GetBoolean()));
        Assert.StartsWith(proxy.Fal.Url.AbsoluteUri, job.GetProperty("video").Text("url"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_where_the_job_is_and_when_to_ask_again()
    {
        using var caller = await proxy.NewCaller();

        using var reply = await caller.Call("POST /v1/jobs", Given.Order());
        var job = await reply.Json();

        Assert.Equal(202, (int)reply.StatusCode);
        Assert.Equal($"/v1/jobs/{job.Text("id")}", reply.Headers.Location?.OriginalString);
        Assert.True(reply.Headers.ETag?.IsWeak);
        Assert.True(reply.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.Matches("^job_[0-9a-f]{32}$", job.Text("id"));
        Assert.Equal("queued", job.Text("status"));
        Assert.Equal(3, job.GetProperty("queue_position").GetInt32());
    }

    [Fact]
    public async Task Sends_fal_the_input_alone_with_the_key_where_it_belongs()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        order["metadata"] = new JsonObject { ["scene"] = "7" };

        var job = await caller.Create(order);

        var call = Assert.Single(proxy.Fal.ReceivedFor(proxy.AtFal(order).RequestId), call => call.Operation == Sandbox.SandboxOperation.Submit);
        Assert.True(JsonNode.DeepEquals(order["input"], JsonNode.Parse(call.BodyStart.Span)));
        Assert.Equal($"Key {ProxyFixture.CanaryKey}", call.Headers["Authorization"]);
        Assert.Equal("3600", call.Headers["x-fal-request-timeout"]);
        Assert.Equal("/fal-ai/kling-video/o3/4k/image-to-video", call.PathAndQuery);
        Assert.Equal("7", job.GetProperty("metadata").Text("scene"));
        Assert.DoesNotContain(proxy.AtFal(order).RequestId, job.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wait=60")]
    [InlineData("respond-async, wait=60")]
    [InlineData("Wait = \"60\"; handling=strict")] // a value may be quoted (RFC 7240 §2)
    public async Task Answers_with_the_video_when_the_caller_would_rather_wait(string preference)
    {
        using var caller = await proxy.NewCaller();

        using var reply = await proxy.End(caller.Call("POST /v1/jobs", Given.Order(), ("Prefer", preference)));

        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Null(reply.Headers.RetryAfter);
        Assert.Equal("completed", (await reply.Json()).Text("status"));
    }

    [Theory]
    [InlineData("2.10", 202)]
    [InlineData("6.30", 202)]
    [InlineData("2.09", 402)]
    [InlineData("0", 402)]
    public async Task Spends_no_more_than_max_cost(string maxCost, int status)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        order["max_cost"] = maxCost;

        Assert.Equal(status, await caller.Call("POST /v1/jobs", order).Status());

        Assert.Equal(status == 202 ? 1 : 0, proxy.SubmitsOf(order));
        Assert.Equal(status == 202 ? 1 : 0, (await caller.Call("GET /v1/jobs").Json()).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Says_what_it_would_have_cost()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        order["max_cost"] = "1.00";

        var problem = await caller.Call("POST /v1/jobs", order).Refused(402, "max-cost-exceeded");

        Assert.Contains("2.10", problem.Text("detail"), StringComparison.Ordinal);
    }

    /// <summary>Better no amount than one of a length that nobody asked for.</summary>
    [Theory]
    [InlineData("duration", "5")]
    [InlineData("duration", "\"16\"")]
    [InlineData("multi_prompt", "[{\"prompt\":\"A.\",\"duration\":5}]")]
    public async Task Quotes_no_amount_where_the_length_cannot_be_read(string field, string value)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        order["input"]![field] = JsonNode.Parse(value);

        var quote = await caller.Call("POST /v1/quotes", order).Json();

        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (quote.GetProperty("seconds").ValueKind, quote.GetProperty("amount").ValueKind));
    }

    [Fact]
    public async Task Quotes_without_a_job_or_a_call()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        order["input"]!["duration"] = "15";

        var quote = await caller.Call("POST /v1/quotes", order).Json();

        Assert.Equal(("6.30", "0.42", 15), (quote.Text("amount"), quote.Text("unit_price"), quote.GetProperty("seconds").GetInt32()));
        Assert.Equal(0, proxy.SubmitsOf(order));
        Assert.Equal(0, (await caller.Call("GET /v1/jobs").Json()).GetProperty("data").GetArrayLength());
    }
}
