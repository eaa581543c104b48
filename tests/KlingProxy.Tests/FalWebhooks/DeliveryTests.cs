using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.FalWebhooks;

public sealed class DeliveryTests(PublicFixture proxy) : IClassFixture<PublicFixture>
{
    /// <summary>Of one job that nobody watches: the submit, and the result with what it needs.</summary>
    private const int MaxCalls = 3;

    [Fact]
    public async Task Ends_a_job_that_nobody_watches()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");

        await proxy.Deliver(proxy.AtFal(order).RequestId);
        var job = await caller.Call($"GET /v1/jobs/{id}").Json();

        Assert.Equal(("completed", "2.10"), (job.Text("status"), job.Text("cost")));
        var calls = proxy.Fal.ReceivedFor(proxy.AtFal(order).RequestId).Select(call => call.Operation).ToList();
        Assert.True(calls.Count <= MaxCalls, string.Join(", ", calls));
        Assert.All(proxy.Fal.Deliveries.Where(delivery => delivery.RequestId == proxy.AtFal(order).RequestId), delivery => Assert.Equal((200, true), (delivery.Status, delivery.IsLast)));
    }

    [Fact]
    public async Task Tells_fal_where_to_report_at_an_address_that_nobody_can_guess()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();

        var id = (await caller.Create(order)).Text("id");

        Assert.Matches($"^{proxy.Address}webhooks/fal/{id}/[0-9a-f]{{32}}$", proxy.AtFal(order).Webhook!);
    }

    [Fact]
    public async Task Ends_a_failed_job_with_fals_own_words()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("completes-then-422");
        var id = (await caller.Create(order)).Text("id");

        await proxy.Deliver(proxy.AtFal(order).RequestId);

        Assert.Equal((JobStatus.Failed, 0m, "/input/prompt"), ((await proxy.Stored(id)).Status, (await proxy.Stored(id)).Cost, (await proxy.Stored(id)).Error!.Errors[0].Pointer));
    }

    [Theory]
    [InlineData("signs-wrongly")]
    public async Task Believes_no_wrong_signature_and_ends_the_job_all_the_same(string fault)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat(fault);
        var id = (await caller.Create(order)).Text("id");

        await proxy.Deliver(proxy.AtFal(order).RequestId);

        Assert.Equal(JobStatus.Queued, (await proxy.Stored(id)).Status);
        Assert.Equal(401, proxy.Fal.Deliveries.First(delivery => delivery.RequestId == proxy.AtFal(order).RequestId).Status);
        Assert.Equal("completed", (await proxy.End(caller, id)).Text("status"));
    }

    [Fact]
    public async Task Counts_on_being_billed_when_a_run_is_canceled_that_nobody_saw_begin()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");
        proxy.FalClock.Advance(TimeSpan.FromSeconds(30)); // it runs now, and only fal knows

        Assert.Equal(202, await caller.Call($"POST /v1/jobs/{id}/cancel").Status());
        var job = await caller.Ended(id);

        Assert.Equal(("canceled", "2.10", true), (job.Text("status"), job.Text("cost"), job.GetProperty("cost_is_estimated").GetBoolean()));
    }
}
