using System.Text.Json;

using KlingProxy.Fal.Queue;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Faults;

/// <summary>What a process that died left behind, found by the next.</summary>
public sealed class RecoveryTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Short against any timeout: what is in the air meanwhile arrives.</summary>
    private static readonly TimeSpan GentleStep = TimeSpan.FromMilliseconds(100);

    private IJobStore Store => proxy.Services.GetRequiredService<IJobStore>();

    [Fact]
    public async Task X01_a_job_that_was_recorded_and_never_sent_is_sent_once()
    {
        var order = Given.Order();
        var job = await Recorded(order);

        await proxy.TurnWhileUnsent(job.Id, () => false);

        Assert.Equal(JobStatus.Queued, (await Now(job))!.Status);
        Assert.Equal((1, LedgerOf.Held), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, job.Id)));
    }

    [Fact]
    public async Task X02_a_submit_that_was_begun_and_never_heard_of_is_not_begun_again()
    {
        var order = Given.Order();
        var job = await Recorded(order);
        await Store.Change(job.Id, before => before.Dispatched(proxy.Clock.GetUtcNow()));

        await proxy.TurnUntil(TimeSpan.FromSeconds(30), async () => await Now(job) is { Status: JobStatus.Unconfirmed });
        Assert.True(proxy.Clock.GetUtcNow() - job.CreatedAt >= TimeSpan.FromSeconds(90)); // longer than a submit may take
        await proxy.TurnUntil(TimeSpan.FromMinutes(10), async () => await Now(job) is { NeedsAttention: true });

        Assert.Equal((0, LedgerOf.Held), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, job.Id)));
        await proxy.Until(() => proxy.Log.Lines.Any(line => line.Contains(job.Id, StringComparison.Ordinal) && line.Contains("needs a person's decision", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task X03_an_unconfirmed_job_waits_for_a_person_and_is_never_sent_again()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("loses-reply");
        var job = (await Store.Find(new JobId((await caller.Create(order)).Text("id")), Cancel))!;
        await proxy.Until(async () => await Now(job) is { Status: JobStatus.Unconfirmed });

        await proxy.TurnUntil(TimeSpan.FromMinutes(10), async () => await Now(job) is { NeedsAttention: true });

        Assert.Equal(JobStatus.Unconfirmed, (await Now(job))!.Status);
        Assert.Equal((1, LedgerOf.Held), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, job.Id)));
    }

    [Fact]
    public async Task X13_a_running_job_that_nobody_watches_is_followed_to_its_end()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var job = (await Store.Find(new JobId((await caller.Create(order)).Text("id")), Cancel))!;
        await proxy.Until(async () => await Now(job) is { Status: JobStatus.Queued });

        proxy.LetJobsEnd();
        await proxy.TurnUntil(TimeSpan.FromSeconds(5), async () => await Now(job) is { Status: JobStatus.Completed });

        Assert.Equal((1, 0, LedgerOf.Paid), (proxy.SubmitsOf(order), proxy.Fal.CountsFor(proxy.AtFal(order).RequestId).Streams, LedgerOf.Of(proxy, job.Id)));
    }

    [Fact]
    public async Task X22_a_cancellation_that_was_not_passed_on_reaches_fal_once()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("stalls");
        var job = (await Store.Find(new JobId((await caller.Create(order)).Text("id")), Cancel))!;
        await proxy.Until(async () => await Now(job) is { Status: JobStatus.Queued });
        await Store.Change(job.Id, before => before.CancelRequested(proxy.Clock.GetUtcNow()));

        await proxy.TurnUntil(GentleStep, async () => await Now(job) is { HasEnded: true });

        Assert.Equal((JobStatus.Canceled, 0m), ((await Now(job))!.Status, (await Now(job))!.Cost));
        Assert.Equal(1, proxy.Fal.CountsFor(proxy.AtFal(order).RequestId).Cancels);
    }

    [Fact]
    public async Task X22_a_cancellation_whose_answer_was_lost_counts_as_billed()
    {
        using var caller = await proxy.NewCaller();
        var job = (await Store.Find(new JobId((await caller.Create(Given.OrderThat("stalls"))).Text("id")), Cancel))!;
        await proxy.Until(async () => await Now(job) is { Status: JobStatus.Queued });
        var requested = await Store.Change(job.Id, before => before.CancelRequested(proxy.Clock.GetUtcNow()));
        await proxy.Services.GetRequiredService<FalQueue>().Cancel(job.Model, requested!.Job.RequestId!.Value, Cancel);

        await proxy.TurnUntil(GentleStep, async () => await Now(job) is { HasEnded: true });

        var ended = (await Now(job))!;
        Assert.Equal((JobStatus.Canceled, job.EstimatedCost, true), (ended.Status, ended.Cost, ended.CostIsEstimated));
    }

    private Task<Job?> Now(Job job) => Store.Find(job.Id, Cancel);

    private async Task<Job> Recorded(System.Text.Json.Nodes.JsonNode order) => Assert.IsType<JobAdded.New>(await Store.Add(new Job
    {
        Id = JobId.New(),
        CallerId = new CallerId("key_of_nobody"),
        Model = "fal-ai/kling-video/o3/4k/image-to-video",
        Input = JsonElement.Parse(order["input"]!.ToJsonString()),
        Seconds = 5,
        UnitPrice = 0.42m,
        EstimatedCost = 2.10m,
        CreatedAt = proxy.Clock.GetUtcNow(),
    }, null, Given.Rich, Cancel)).Job;
}
