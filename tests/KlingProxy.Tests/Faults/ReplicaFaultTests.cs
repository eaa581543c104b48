using KlingProxy.Ids;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Postgres;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Faults;

/// <summary>Two replicas on one PostgreSQL, told the same thing at the same time.</summary>
public sealed class ReplicaFaultTests(ReplicaFixture replicas) : IClassFixture<ReplicaFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task X29_two_replicas_that_are_both_told_of_the_end_make_one_end_and_one_settlement()
    {
        using var caller = await replicas.NewCaller();
        using var toOne = replicas.Anyone();
        using var toOther = replicas.Other.Anyone();
        var order = Given.OrderThat("loses-webhook"); // this test delivers it
        var id = (await caller.Create(order)).Text("id");
        var requestId = replicas.AtFal(order).RequestId;
        var path = replicas.Services.GetRequiredService<WebhookAddress>().For(new JobId(id))!.PathAndQuery;
        replicas.LetJobsEnd();

        var delivered = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            using var delivery = Delivery.About(requestId).To(path);
            return await (number % 2 == 0 ? toOne : toOther).SendAsync(delivery, Cancel).Status();
        }));
        var job = await caller.Ended(id);

        Assert.All(delivered, status => Assert.Equal(200, status));
        Assert.Equal(("completed", "2.10", 1, 2.10m), (job.Text("status"), job.Text("cost"), replicas.SubmitsOf(order), replicas.AtFal(order).Billed.Amount));
        var events = await caller.AllEvents(id);
        Assert.Equal(["submitting", "queued", "finalizing", "completed"], events.Statuses());
        Assert.Equal([1, 2, 3, 4], events.Sequences());
        Assert.Equal(LedgerOf.Paid, await LedgerOf.InPostgres(replicas.Connection, id));
    }

    [Fact]
    public async Task X29_two_replicas_that_find_the_same_recorded_job_send_it_once()
    {
        using var caller = await replicas.NewCaller();
        var order = Given.Order();
        replicas.Fal.Fault = Sandbox.SandboxFault.RateLimited;
        var creating = caller.Call("POST /v1/jobs", order, ("Prefer", "wait=0")).Json();
        await replicas.Until(() => replicas.SubmitsOf(order) >= 3); // postponed, and found again by either
        replicas.Fal.Fault = null;

        var job = await replicas.End(caller, (await creating).Text("id"));

        Assert.Equal(("completed", "2.10"), (job.Text("status"), job.Text("cost")));
        Assert.Equal(2.10m, replicas.AtFal(order).Billed.Amount); // and fal has exactly one of them
        Assert.Equal(LedgerOf.Paid, await LedgerOf.InPostgres(replicas.Connection, job.Text("id")));
    }
}
