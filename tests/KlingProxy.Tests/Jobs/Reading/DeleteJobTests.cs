using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Reading;

public sealed class DeleteJobTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task Forgets_an_ended_job()
    {
        using var caller = await proxy.NewCaller();
        var path = $"/v1/jobs/{(await proxy.End(caller, (await caller.Create()).Text("id"))).Text("id")}";

        using var reply = await caller.Call($"DELETE {path}");
        Assert.Equal((204, 0), ((int)reply.StatusCode, (await reply.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length));

        foreach (var call in new[] { $"GET {path}", $"GET {path}/events", $"GET {path}/video", $"DELETE {path}", $"POST {path}/cancel" })
            await caller.Call(call).Refused(404, "job-not-found");
        Assert.Equal(0, (await caller.Call("GET /v1/jobs").Json()).GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData("")]
    [InlineData("loses-reply")]
    [InlineData("stalls")]
    public async Task Keeps_one_that_has_not_ended(string fault)
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(fault == "" ? Given.Order() : Given.OrderThat(fault))).Text("id");

        await caller.Call($"DELETE /v1/jobs/{id}").Refused(409, "job-running");

        Assert.Equal(200, await caller.Call($"GET /v1/jobs/{id}").Status());
    }

    [Fact]
    public async Task Forgets_a_refused_one()
    {
        using var caller = await proxy.NewCaller();
        await caller.Call("POST /v1/jobs", Given.OrderThat("rejects")).Refused(422, "model-rejected");
        var id = (await caller.Call("GET /v1/jobs?status=failed").Json()).GetProperty("data")[0].Text("id");

        Assert.Equal(204, await caller.Call($"DELETE /v1/jobs/{id}").Status());
    }

    [Fact]
    public async Task Leaves_its_idempotency_key_spent()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var first = await caller.Call("POST /v1/jobs", order, ("Idempotency-Key", "one")).Json();
        await proxy.End(caller, first.Text("id"));
        Assert.Equal(204, await caller.Call($"DELETE /v1/jobs/{first.Text("id")}").Status());

        await caller.Call("POST /v1/jobs", order, ("Idempotency-Key", "one")).Refused(410, "job-deleted"); // a late repetition buys nothing

        Assert.Equal(1, proxy.SubmitsOf(order));
    }
}
