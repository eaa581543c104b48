using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Faults;

/// <summary>Callers who cancel, hang up or wait too long.</summary>
public sealed class RaceTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task X22_a_cancel_that_races_the_end_leaves_one_verdict_and_one_bill()
    {
        for (var race = 0; race < 8; race++)
        {
            using var caller = await proxy.NewCaller();
            var order = Given.Order();
            var id = (await caller.Create(order)).Text("id");
            proxy.FalClock.Advance(TimeSpan.FromSeconds(30));
            await caller.Reaches(id, "in_progress");

            var asking = caller.Call($"POST /v1/jobs/{id}/cancel").Status();
            proxy.LetJobsEnd();
            var (asked, job) = (await asking, await caller.Ended(id));

            Assert.Contains(asked, new[] { 202, 409 });
            Assert.Equal((1, 1), (proxy.SubmitsOf(order), (await caller.AllEvents(id)).Statuses().Count(status => status is "completed" or "canceled")));
            // A run that was canceled may be billed: the sandbox does not, the ledger counts on it.
            Assert.Contains((job.Text("status"), job.Text("cost"), job.GetProperty("cost_is_estimated").GetBoolean(), proxy.AtFal(order).Billed.Amount),
                new[] { ("completed", "2.10", false, 2.10m), ("canceled", "2.10", true, 0m) });
            Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, id));
        }
    }

    [Fact]
    public async Task X24_a_client_that_hangs_up_during_create_has_made_one_job_that_ends()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("holds-reply");
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = new StringContent(order.ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
        var creating = caller.SendAsync(request, hangUp.Token);
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => creating);
        proxy.FalClock.Advance(TimeSpan.FromMinutes(1)); // fal answers, and nobody is there

        var job = Assert.Single((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray());
        job = await proxy.End(caller, job.Text("id"));
        Assert.Equal(("completed", "2.10", 1, 2.10m), (job.Text("status"), job.Text("cost"), proxy.SubmitsOf(order), proxy.AtFal(order).Billed.Amount));
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, job.Text("id")));
    }

    [Theory]
    [InlineData("", "wait=60")]
    [InlineData("/events", "")]
    public async Task X24_a_client_that_hangs_up_while_it_waits_leaves_the_job_to_us(string below, string prefer)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{id}{below}");
        if (prefer != "")
            request.Headers.Add("Prefer", prefer);
        var waiting = caller.SendAsync(request, hangUp.Token); // an event stream never ends by itself here: its body is awaited, too
        await proxy.Until(() => proxy.Fal.CountsFor(proxy.AtFal(order).RequestId).Streams == 1);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        proxy.LetJobsEnd();
        var store = proxy.Services.GetRequiredService<IJobStore>();
        await proxy.Until(async () => (await store.Find(new JobId(id), Cancel))!.HasEnded); // nobody asks for it
        Assert.Equal(("completed", 1, 2.10m), ((await caller.Ended(id)).Text("status"), proxy.SubmitsOf(order), proxy.AtFal(order).Billed.Amount));
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, id));
    }
}

public sealed class LongQueueTests(LongQueueTests.LongQueueFixture proxy) : IClassFixture<LongQueueTests.LongQueueFixture>
{
    [Fact]
    public async Task X27_a_queue_of_hours_expires_at_the_start_deadline_for_nothing()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("stalls");
        var id = (await caller.Create(order)).Text("id");

        proxy.FalClock.Advance(TimeSpan.FromHours(5));
        Assert.Equal("queued", (await caller.Call($"GET /v1/jobs/{id}", null, ("Prefer", "wait=1")).Json()).Text("status"));
        proxy.FalClock.Advance(TimeSpan.FromHours(1));
        var job = await caller.Ended(id);

        Assert.Equal(("expired", "start-timeout", "0.00"), (job.Text("status"), job.GetProperty("error").Text("code"), job.Text("cost")));
        Assert.Equal((1, 0m, LedgerOf.Released), (proxy.SubmitsOf(order), proxy.AtFal(order).Billed.Amount, LedgerOf.Of(proxy, id)));
    }

    public sealed class LongQueueFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Fal:StartTimeout", "06:00:00")];
    }
}
