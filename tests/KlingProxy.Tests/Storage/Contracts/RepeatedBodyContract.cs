using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>By what a repeated request without a key finds its job.</summary>
public abstract partial class JobStoreContract
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(nameof(Heard.WhenWritten), 35 * 60)]
    [InlineData(nameof(Heard.WhenNamed), 150)]
    public async Task What_a_dead_process_was_answering_is_the_same_for_a_while(string heard, int seconds)
    {
        var (job, body) = await Wished(Enum.Parse<Heard>(heard));

        Assert.Equal(job.Id, await Same(job, body with { At = Now.AddSeconds(seconds) - Second }));
        Assert.Null(await Same(job, body with { At = Now.AddSeconds(seconds) }));
    }

    [Fact]
    public async Task An_answered_request_is_forgotten()
    {
        var (job, body) = await Wished(Heard.WhenWritten);

        await Store.Answered(job.Id);
        await Store.Unanswered(job.Id, Now, TimeSpan.FromMinutes(2)); // too late

        Assert.Null(await Same(job, body));
    }

    [Fact]
    public async Task A_named_request_stays_the_same_for_what_came_before()
    {
        var (job, body) = await Wished(Heard.WhenNamed);
        await Store.Named(job.Id, Now + Second);
        await Store.Unanswered(job.Id, Now + Second, TimeSpan.FromMinutes(2)); // its answer is noted after the client has used it
        await Store.Add(NewJob() with { CreatedAt = Now.AddMinutes(59) }, body, Given.Rich, Cancel); // cleans up

        Assert.Equal(job.Id, await Same(job, body));
        Assert.Null(await Same(job, body with { At = Now + Second }));
    }

    [Fact]
    public async Task What_is_long_over_is_cleaned_up()
    {
        var (job, body) = await Wished(Heard.WhenNamed);
        await Store.Named(job.Id, Now + Second);

        await Store.Add(NewJob() with { CreatedAt = Now.AddMinutes(61) }, body, Given.Rich, Cancel);

        Assert.Null(await Same(job, body));
    }

    [Fact]
    public async Task A_run_is_the_same_until_its_end_whoever_names_or_cleans()
    {
        var (job, body) = await Wished(Heard.WhenEnded);
        await Store.Change(job.Id, before => before.Accepted(new FalRequestId(NewId("request-")), 0));

        await Store.Named(job.Id, Now + Second);
        await Store.Add(NewJob() with { CreatedAt = Now.AddDays(1) }, body, Given.Rich, Cancel);
        Assert.Equal(job.Id, await Same(job, body with { At = Now.AddDays(1) }));
        await Store.Change(job.Id, before => before.Stopped(Now)?.Completed(Video, 5, Now.AddDays(2)));

        await Store.Named(job.Id, Now.AddDays(2) + Second);
        Assert.Equal(job.Id, await Same(job, body with { At = Now.AddDays(2).AddMinutes(2) - Second })); // perhaps nobody was there to hear it
        Assert.Null(await Same(job, body with { At = Now.AddDays(2).AddMinutes(2) }));
        await Store.Unanswered(job.Id, Now.AddDays(2), TimeSpan.FromSeconds(10)); // somebody was
        Assert.Equal(job.Id, await Same(job, body with { At = Now.AddDays(2).AddSeconds(9) }));
        Assert.Null(await Same(job, body with { At = Now.AddDays(2).AddSeconds(10) }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_gets_the_job_of_a_submit_makes_it_one_that_ends_with_it(bool named)
    {
        var (job, submit) = await Wished(Heard.WhenNamed);
        if (named)
            await Store.Named(job.Id, Now);

        await Store.AwaitEnd(job, submit with { Heard = Heard.WhenEnded });
        await Store.Named(job.Id, Now + Second);

        Assert.Equal(job.Id, await Same(job, submit with { At = Now.AddHours(1) }));
    }

    [Fact]
    public async Task Only_what_failed_at_no_cost_may_be_tried_anew()
    {
        var refused = await Queued(body: Body(Heard.WhenEnded));
        var canceled = await Queued(body: Body(Heard.WhenEnded));
        var billed = await Queued(body: Body(Heard.WhenEnded));
        var declared = await Queued(body: Body(Heard.WhenEnded));
        await Store.Change(refused.Id, before => before.Stopped(Now)?.EndedWithout(JobStatus.Failed, Error, 0, Now));
        await Store.Change(canceled.Id, before => before.Stopped(Now)?.EndedWithout(JobStatus.Canceled, null, 0, Now));
        await Store.Change(billed.Id, before => before.Stopped(Now)?.EndedWithout(JobStatus.Failed, Error, 5, Now));
        await Store.Change(declared.Id, before => before.Flagged());
        await Store.Change(declared.Id, before => before.Resolved(0, JobErrors.Resolved, Now));

        Assert.Null(await Same(refused, Body(Heard.WhenEnded)));
        Assert.Equal(refused.Id, await Same(refused, Body(Heard.WhenWritten))); // elsewhere it is told how it ended
        Assert.Equal(canceled.Id, await Same(canceled, Body(Heard.WhenEnded)));
        Assert.Equal(billed.Id, await Same(billed, Body(Heard.WhenEnded)));
        Assert.Equal(declared.Id, await Same(declared, Body(Heard.WhenEnded))); // a person said so, and fal may still tell
    }

    private static UnacknowledgedBody Body(Heard heard) => new([7], heard, _ => false, Now);

    private async Task<(Job Job, UnacknowledgedBody Body)> Wished(Heard heard)
    {
        var job = NewJob();
        await Store.Add(job, Body(heard), Given.Rich, Cancel);
        return (job, Body(heard));
    }

    private async Task<string?> Same(Job job, UnacknowledgedBody body) => (await Store.FindSame(job.CallerId, body, Cancel))?.Job?.Id;
}
