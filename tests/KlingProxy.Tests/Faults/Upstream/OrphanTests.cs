using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Faults.Upstream;

/// <summary>A submit whose answer was lost, where no webhook can bring it home: fal's own records do, if the operator lets us ask.</summary>
public sealed class OrphanTests(OrphanTests.OrphanFixture proxy) : IClassFixture<OrphanTests.OrphanFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task X03_a_lost_reply_is_found_among_fals_own_records()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("loses-reply");
        var id = await Lost(caller, order);
        proxy.LetJobsEnd(); // fal lists what has ended

        await proxy.TurnUntil(TimeSpan.FromSeconds(20), async () => (await Stored(id)).HasEnded);

        Assert.Equal((JobStatus.Completed, 1, LedgerOf.Paid), ((await Stored(id)).Status, proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
        Assert.Equal(proxy.AtFal(order).RequestId, (await Stored(id)).RequestId);
    }

    [Fact]
    public async Task X03_two_lost_replies_of_the_same_order_are_two_requests_and_a_third_that_fal_had_never_is_none()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("loses-reply");
        string[] ids = [await Lost(caller, order, "one"), await Lost(caller, order, "two"), await Recorded(order)];
        proxy.LetJobsEnd();

        await proxy.TurnUntil(TimeSpan.FromSeconds(20), async () => (await All()).Count(job => job.HasEnded) == 2);
        await proxy.TurnUntil(TimeSpan.FromMinutes(5), async () => (await All()).Exists(job => job.NeedsAttention));

        var jobs = (await All()).ToLookup(job => job.Status);
        Assert.Equal(2, jobs[JobStatus.Completed].Select(job => job.RequestId).Distinct().Count());
        Assert.Equal((2, LedgerOf.Held), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, Assert.Single(jobs[JobStatus.Unconfirmed]).Id)));

        async Task<List<Job>> All() => [await Stored(ids[0]), await Stored(ids[1]), await Stored(ids[2])];
    }

    [Fact]
    public async Task X03_a_request_of_a_deleted_job_is_not_taken_for_another()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var ended = (await proxy.End(caller, (await caller.Create(order)).Text("id"))).Text("id");
        Assert.Equal(204, await caller.Call($"DELETE /v1/jobs/{ended}").Status());
        var orphan = await Recorded(order);

        await proxy.TurnUntil(TimeSpan.FromMinutes(5), async () => (await Stored(orphan)).NeedsAttention);

        Assert.Equal((JobStatus.Unconfirmed, LedgerOf.Held), ((await Stored(orphan)).Status, LedgerOf.Of(proxy, orphan)));
    }

    [Fact]
    public async Task X03_while_fal_lists_nothing_the_job_waits()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("loses-reply");
        var id = await Lost(caller, order);
        proxy.LetJobsEnd();
        proxy.Fal.PlatformFails = true;
        var asked = proxy.Fal.Counts.Listings;

        await proxy.TurnUntil(TimeSpan.FromSeconds(20), () => Task.FromResult(proxy.Fal.Counts.Listings > asked + 3));
        Assert.Equal((JobStatus.Unconfirmed, LedgerOf.Held), ((await Stored(id)).Status, LedgerOf.Of(proxy, id)));
        proxy.Fal.PlatformFails = false;

        await proxy.TurnUntil(TimeSpan.FromSeconds(20), async () => (await Stored(id)).HasEnded);
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, id));
    }

    private async Task<Job> Stored(string id) => (await proxy.Services.GetRequiredService<IJobStore>().Find(new JobId(id), Cancel))!;

    private async Task<string> Lost(HttpClient caller, System.Text.Json.Nodes.JsonNode order, string key = "one")
    {
        var id = (await caller.Call("POST /v1/jobs", order, ("Idempotency-Key", key)).Json()).Text("id");
        await proxy.Until(async () => (await Stored(id)).Status == JobStatus.Unconfirmed);
        return id;
    }

    // The process died within the submit, and fal never got it: all that is left is the mark.
    private async Task<string> Recorded(System.Text.Json.Nodes.JsonNode order)
    {
        var store = proxy.Services.GetRequiredService<IJobStore>();
        var job = Tests.Storage.Contracts.JobStoreContract.NewJob() with { Input = System.Text.Json.JsonElement.Parse(order["input"]!.ToJsonString()), CreatedAt = proxy.Clock.GetUtcNow() };
        await store.Add(job, null, Given.Rich, Cancel);
        await store.Change(job.Id, before => before.Dispatched(proxy.Clock.GetUtcNow()));
        await store.Change(job.Id, before => before.Unanswered(), proxy.Clock.GetUtcNow());
        return job.Id;
    }

    /// <summary>Everybody looks at one clock: where fal's and ours are hours apart, nothing is found.</summary>
    public sealed class OrphanFixture : TimedFixture
    {
        protected override Sandbox.SandboxOptions FalOptions => base.FalOptions with { Wall = Clock };

        protected override IEnumerable<(string Name, string Value)> Settings =>
        [
            .. base.Settings,
            ("Fal:PlatformUrl", new Uri(Fal.Url, "v1").AbsoluteUri),
            ("Fal:RequestListing", "true"),
            ("Jobs:VerdictDeadline", "1.00:00:00"), // listings that the turning clock cuts off are asked for again, until somebody has to look
        ];
    }
}
