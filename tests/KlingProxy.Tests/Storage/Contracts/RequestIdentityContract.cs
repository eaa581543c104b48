using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>By which a request that comes again finds its job, where nobody sent a key.</summary>
public abstract class RequestIdentityContract(Engine engine) : StoreContract(engine)
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_same_body_is_the_same_wish_until_it_was_answered()
    {
        var job = await Asked(body: 1);

        Assert.Equal(job.Id, (await Jobs.FindSame(job.CallerId, Body(1), Cancel))?.Job?.Id);
        Assert.Equal(job.Id, Assert.IsType<JobAdded.Again>(await Jobs.Add(JobStoreContract.NewJob() with { CallerId = job.CallerId }, Body(1), Given.Rich, Cancel)).Job?.Id);
        Assert.Null(await Jobs.FindSame(job.CallerId, Body(2), Cancel));
        Assert.Null(await Jobs.FindSame(new CallerId("key_another"), Body(1), Cancel));

        await Jobs.Answered(job.Id);
        await Jobs.Answered(job.Id);
        Assert.Null(await Jobs.FindSame(job.CallerId, Body(1), Cancel));
    }

    [Fact]
    public async Task A_lost_connection_keeps_it_the_same_for_as_long_as_was_said()
    {
        var job = await Asked(body: 1);

        await Jobs.Unanswered(job.Id, Now, TimeSpan.FromMinutes(2));

        Assert.NotNull(await Jobs.FindSame(job.CallerId, Body(1, Now.AddMinutes(2).AddTicks(-1)), Cancel));
        Assert.Null(await Jobs.FindSame(job.CallerId, Body(1, Now.AddMinutes(2)), Cancel));
    }

    [Fact]
    public async Task What_somebody_is_still_being_told_is_not_taken_for_another()
    {
        var job = await Asked(body: 1);

        Assert.Null(await Jobs.FindSame(job.CallerId, new UnacknowledgedBody([1], Heard.WhenWritten, id => id == job.Id, Now), Cancel));
    }

    [Fact]
    public async Task A_deleted_job_and_one_that_fal_never_took_are_forgotten()
    {
        var (deleted, refused) = (await Asked(body: 1), await Asked(body: 1));
        await Jobs.Change(deleted.Id, before => before.CanceledUnsent(Now));
        await Jobs.Delete(deleted.Id);
        await Jobs.Change(refused.Id, before => before.Refused(new JobError("model-rejected", "No.", null, []), Now));

        Assert.Null(await Jobs.FindSame(deleted.CallerId, Body(1), Cancel));
        Assert.Null(await Jobs.FindSame(refused.CallerId, Body(1), Cancel));
    }

    [Fact]
    public async Task Many_of_the_same_body_that_are_being_answered_hide_none_whose_answer_was_lost()
    {
        var caller = new CallerId($"key_{Guid.NewGuid():N}");
        var jobs = new List<Job>();
        for (var number = 0; number < 150; number++)
            jobs.Add(Assert.IsType<JobAdded.New>(await Jobs.Add(
                JobStoreContract.NewJob() with { CallerId = caller }, new UnacknowledgedBody([1], Heard.WhenWritten, _ => true, Now), Given.Rich, Cancel)).Job);

        foreach (var lost in new[] { jobs[0], jobs[75], jobs[149] })
            Assert.Equal(lost.Id, (await Jobs.FindSame(caller, new UnacknowledgedBody([1], Heard.WhenWritten, id => id != lost.Id, Now), Cancel))?.Job?.Id);
    }

    [Fact]
    public async Task What_is_long_past_goes_a_little_with_each_new_one_but_not_while_a_run_waits()
    {
        var run = JobStoreContract.NewJob();
        var awaited = new UnacknowledgedBody([9], Heard.WhenEnded, _ => false, Now);
        await Jobs.Add(run, awaited, Given.Rich, Cancel);
        var old = new List<Job>();
        for (byte body = 10; body < 30; body++)
            old.Add(await Asked(body));
        Task<long> Left() => Database.Read(async sql => (await sql.Query("SELECT COUNT(*) FROM unanswered WHERE until < @past", row => row.GetInt64(0), ("@past", Now.AddHours(1).UtcTicks)))[0]);

        var left = new List<long>();
        for (byte later = 30; later < 33; later++)
        {
            await Jobs.Add(JobStoreContract.NewJob() with { CreatedAt = Now.AddHours(2) }, Body(later, Now.AddHours(2)), Given.Rich, Cancel);
            left.Add(await Left());
        }

        Assert.Equal([13, 5, 1], left);
        Assert.Equal(run.Id, (await Jobs.FindSame(run.CallerId, awaited with { At = Now.AddHours(2) }, Cancel))?.Job?.Id);
        await Jobs.Change(run.Id, before => before.CanceledUnsent(Now.AddMinutes(5)));
        Assert.Null(await Jobs.FindSame(run.CallerId, awaited with { At = Now.AddHours(2) }, Cancel));
        await Jobs.Add(JobStoreContract.NewJob() with { CreatedAt = Now.AddHours(2) }, Body(33, Now.AddHours(2)), Given.Rich, Cancel);
        Assert.Equal(0, await Left());
    }

    private async Task<Job> Asked(byte body)
    {
        var job = JobStoreContract.NewJob();
        return Assert.IsType<JobAdded.New>(await Jobs.Add(job, Body(body), Given.Rich with { Id = job.CallerId }, Cancel)).Job;
    }

    private static UnacknowledgedBody Body(byte body, DateTimeOffset? at = null) => new([body], Heard.WhenWritten, _ => false, at ?? Now);
}

public sealed class SqliteRequestIdentityTests() : RequestIdentityContract(Engine.Sqlite);

public sealed class PostgresRequestIdentityTests() : RequestIdentityContract(Engine.Postgres);
