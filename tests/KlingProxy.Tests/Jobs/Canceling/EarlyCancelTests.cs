using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Canceling;

public sealed class EarlyCancelTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    [Fact]
    public async Task Reaches_fal_as_soon_as_there_is_something_to_cancel()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("holds-reply");
        var id = (await caller.Create(order)).Text("id");
        await proxy.Until(() => proxy.Fal.Jobs.Any(job => job.Fault == Sandbox.SandboxFault.HoldsReply));

        var asked = await caller.Call($"POST /v1/jobs/{id}/cancel").Json();
        Assert.Equal("submitting", asked.Text("status"));
        var turns = 0;
        await proxy.Until(async () =>
        {
            if (turns++ < 30) // after a minute fal answers; it works on the job by then, and does not finish it before four
                proxy.FalClock.Advance(TimeSpan.FromSeconds(5));
            return (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status") != "submitting";
        });
        var job = await caller.Ended(id);

        Assert.Equal(("canceled", "2.10"), (job.Text("status"), job.Text("cost")));
        Assert.Equal(1, proxy.Fal.CountsFor(proxy.AtFal(order).RequestId).Cancels);
    }

    [Fact]
    public async Task Needs_no_fal_while_nothing_was_sent()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("rate-limited");
        var id = (await caller.Create(order)).Text("id");
        var cancels = proxy.Fal.Counts.Cancels;
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);

        Assert.Equal(202, await caller.Call($"POST /v1/jobs/{id}/cancel").Status()); // once, perhaps while fal's 429 is still on its way
        await proxy.Until(async () => (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status") == "canceled");
        proxy.Clock.Advance(TimeSpan.FromMinutes(10));
        var job = await caller.Call($"GET /v1/jobs/{id}").Json();

        Assert.Equal(("canceled", "0.00"), (job.Text("status"), job.Text("cost")));
        Assert.Equal(1, proxy.SubmitsOf(order));
        Assert.Equal(cancels, proxy.Fal.Counts.Cancels);
    }
}
