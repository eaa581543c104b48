using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>What every engine owes us about bills that belong to no job.</summary>
public abstract class AttentionContract(Engine engine) : StoreContract(engine)
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private IAttentionStore Store => Attention;

    [Fact]
    public async Task Keeps_one_note_of_a_request_which_learns_and_forgets_nothing()
    {
        var note = NewNote();

        Assert.True(await Store.Add(note));
        Assert.False(await Store.Add(note with { Units = "5", VideoUrl = "https://v3b.fal.media/a.mp4", At = Now.AddHours(1) }));
        Assert.False(await Store.Add(note));

        Assert.Equal(note with { Units = "5", VideoUrl = "https://v3b.fal.media/a.mp4" }, Assert.Single(await Store.Open(100, null, Cancel)));
    }

    [Fact]
    public async Task Shows_what_nobody_has_seen_newest_first_and_never_again_what_somebody_has()
    {
        var notes = Enumerable.Range(0, 5).Select(number => NewNote() with { At = Now.AddMinutes(number) }).ToList();
        foreach (var note in notes)
            await Store.Add(note);

        var seen = new List<AttentionNote>();
        for (KeysetCursor? place = null; await Store.Open(2, place, Cancel) is { Count: > 0 } page; place = new KeysetCursor(page[^1].At, page[^1].JobId))
            seen.AddRange(page);
        Assert.Equal(notes.AsEnumerable().Reverse(), seen);

        Assert.Equal([(notes[3], null)], await Store.Of(notes[3].JobId, Cancel));
        Assert.Equal(notes[3], await Store.Acknowledge(notes[3].JobId, Now));
        Assert.Equal([(notes[3], Now)], await Store.Of(notes[3].JobId, Cancel));
        Assert.Null(await Store.Acknowledge(notes[3].JobId, Now));
        Assert.Null(await Store.Acknowledge(new JobId("job_nobody"), Now));
        await Store.Add(notes[3]);
        Assert.DoesNotContain(await Store.Open(100, null, Cancel), note => note.RequestId == notes[3].RequestId);
    }

    [Fact]
    public async Task Knows_the_requests_of_jobs_that_were_deleted()
    {
        var job = await Ended(units: 5);
        Assert.True(await Jobs.Delete(job.Id));

        Assert.True(await Store.IsBooked(job.Id, job.RequestId!.Value, Cancel));
        Assert.False(await Store.IsBooked(job.Id, new FalRequestId("another"), Cancel));
        Assert.False(await Store.IsBooked(new JobId("job_nobody"), job.RequestId!.Value, Cancel));
        Assert.Empty(await Store.Open(100, null, Cancel));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.05)]
    public async Task The_end_that_a_person_declared_of_a_deleted_job_is_nothing_that_fal_has_booked(double cost)
    {
        var job = JobStoreContract.NewJob();
        await Jobs.Add(job, null, Given.Rich, Cancel);
        var request = $"r-{job.Id}";
        await Jobs.Change(job.Id, before => before.Accepted(new FalRequestId(request), 0)?.Stopped(Now)?.Flagged());
        await Jobs.Change(job.Id, before => before.Resolved((decimal)cost, JobErrors.Resolved, Now));
        Assert.True(await Jobs.Delete(job.Id));

        Assert.Empty(await Store.Open(100, null, Cancel)); // a person has seen it
        Assert.False(await Store.IsBooked(job.Id, new FalRequestId(request), Cancel));
        var told = new AttentionNote(new FalRequestId(request), job.Id, AttentionReason.UnknownJob, job.Model, null, null, Now.AddHours(1));
        Assert.True(await Store.Add(told)); // but not what fal says now
        Assert.False(await Store.IsBooked(job.Id, new FalRequestId(request), Cancel)); // until fal has said what it billed
        Assert.False(await Store.Add(told with { Units = "5" }));
        Assert.True(await Store.IsBooked(job.Id, new FalRequestId(request), Cancel));
        Assert.Equal(told with { Units = "5" }, Assert.Single(await Store.Open(100, null, Cancel)));

        await Store.Acknowledge(job.Id, Now.AddHours(2));
        Assert.False(await Store.Add(told));
        Assert.Empty(await Store.Open(100, null, Cancel));
    }

    [Fact]
    public async Task A_job_that_its_caller_deletes_still_waits_for_its_operator()
    {
        var job = await Ended(units: 8);
        Assert.Contains(await Jobs.InAttention(100, null, Cancel), waiting => waiting.Id == job.Id);

        Assert.True(await Jobs.Delete(job.Id));

        var note = Assert.Single(await Store.Open(100, null, Cancel));
        Assert.Equal((job.Id, job.RequestId, AttentionReason.BilledMore, "8"), (note.JobId, note.RequestId, note.Reason, note.Units));
    }

    private async Task<Job> Ended(decimal units)
    {
        var job = JobStoreContract.NewJob();
        await Jobs.Add(job, null, Given.Rich, Cancel);
        return (await Jobs.Change(job.Id, before => before.Accepted(new FalRequestId($"r-{job.Id}"), 0)?.Stopped(Now)?.Completed(new("https://v3b.fal.media/a.mp4", null, null, null), units, Now)))!.Job;
    }

    private static AttentionNote NewNote() => new(new FalRequestId($"r-{Guid.NewGuid():N}"), new JobId($"job_{Guid.NewGuid():N}"), AttentionReason.UnknownJob, null, null, null, Now);
}

public sealed class SqliteAttentionTests() : AttentionContract(Engine.Sqlite);

public sealed class PostgresAttentionTests() : AttentionContract(Engine.Postgres);
