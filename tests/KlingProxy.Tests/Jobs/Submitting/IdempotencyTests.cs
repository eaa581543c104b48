using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Submitting;

public sealed class IdempotencyTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static (string, string) Key(string text = "6f0c1f5e") => ("Idempotency-Key", text);

    [Fact]
    public async Task The_same_body_however_written_is_the_same_job()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        order["metadata"] = new JsonObject { ["a"] = "1", ["b"] = "2" };
        var turned = new JsonObject(Turned(order));

        var first = await caller.Call("POST /v1/jobs", order, Key()).Json();
        using var second = await caller.Call("POST /v1/jobs", turned, Key());

        Assert.NotEqual(order.ToJsonString(), turned.ToJsonString());
        Assert.Equal((202, first.Text("id")), ((int)second.StatusCode, (await second.Json()).Text("id")));
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotent-Replayed")));
        Assert.Equal($"/v1/jobs/{first.Text("id")}", second.Headers.Location?.OriginalString);
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task A_first_request_is_no_replay()
    {
        using var caller = await proxy.NewCaller();

        using var reply = await caller.Call("POST /v1/jobs", Given.Order(), Key());

        Assert.False(reply.Headers.Contains("Idempotent-Replayed"));
    }

    [Fact]
    public async Task Another_body_is_refused()
    {
        using var caller = await proxy.NewCaller();
        var other = Given.Order();
        await caller.Call("POST /v1/jobs", Given.Order(), Key()).Status();

        await caller.Call("POST /v1/jobs", other, Key()).Refused(422, "idempotency-key-reused");

        Assert.Equal(0, proxy.SubmitsOf(other));
    }

    [Fact]
    public async Task A_hundred_at_once_are_one_video()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();

        var jobs = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => caller.Call("POST /v1/jobs", order, Key()).Json()));

        Assert.Single(jobs.Select(job => job.Text("id")).Distinct());
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task Belongs_to_one_caller()
    {
        using var one = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        var order = Given.Order();

        var first = await one.Call("POST /v1/jobs", order, Key()).Json();
        using var second = await other.Call("POST /v1/jobs", order, Key());

        Assert.NotEqual(first.Text("id"), (await second.Json()).Text("id"));
        Assert.False(second.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal(2, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task Without_a_key_the_same_body_is_another_video()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();

        await caller.Create(order);
        await caller.Create(order);

        Assert.Equal(2, proxy.SubmitsOf(order));
    }

    [Theory]
    [InlineData("max_cost", "0.01", 402)]
    [InlineData("max_cost", "much", 422)]
    [InlineData("model", "another", 422)]
    public async Task A_refusal_leaves_the_key_unused(string field, string value, int status)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        order[field] = value;
        Assert.Equal(status, await caller.Call("POST /v1/jobs", order, Key()).Status());

        order.Remove(field);

        Assert.Equal(202, await caller.Call("POST /v1/jobs", order, Key()).Status());
    }

    [Fact]
    public async Task What_fal_rejected_leaves_the_key_unused()
    {
        using var caller = await proxy.NewCaller();
        await caller.Call("POST /v1/jobs", Given.OrderThat("rejects"), Key()).Refused(422, "model-rejected");

        Assert.Equal(202, await caller.Call("POST /v1/jobs", Given.Order(), Key()).Status());
    }

    [Fact]
    public async Task A_lost_answer_does_not_leave_it_unused()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("loses-reply");

        var first = await caller.Call("POST /v1/jobs", order, Key()).Json();
        var second = await caller.Call("POST /v1/jobs", order, Key()).Json();

        Assert.Equal(("unconfirmed", first.Text("id")), (second.Text("status"), second.Text("id")));
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task Answers_with_the_job_as_it_stands_also_after_its_end()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Call("POST /v1/jobs", order, Key()).Json()).Text("id");
        await proxy.End(caller, id);

        using var reply = await caller.Call("POST /v1/jobs", order, Key());

        Assert.Equal((200, "completed"), ((int)reply.StatusCode, (await reply.Json()).Text("status")));
    }

    [Theory]
    [InlineData("!")]
    [InlineData("~")]
    [InlineData("k\"y,=;[]{}")]
    [InlineData("255")]
    public async Task Takes_any_visible_ASCII(string text)
    {
        using var caller = await proxy.NewCaller();

        Assert.Equal(202, await caller.Call("POST /v1/jobs", Given.Order(), Key(text == "255" ? new string('k', 255) : text)).Status());
    }

    // Every object's members in the other order.
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Turned(JsonObject json) => json.Reverse().Select(member =>
        KeyValuePair.Create(member.Key, member.Value is JsonObject inner ? new JsonObject(Turned(inner)) : member.Value?.DeepClone()));
}
