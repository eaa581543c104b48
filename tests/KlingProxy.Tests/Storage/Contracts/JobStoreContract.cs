using System.Text.Json;

using KlingProxy.Access.Audit;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Spending.Ledger;
using KlingProxy.Storage.Stores;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>Every fact that a store of jobs owes us.</summary>
public abstract partial class JobStoreContract(Engine engine) : StoreContract(engine)
{
    private static readonly FalVideo Video = new("https://v3b.fal.media/files/b/x/output.mp4", "video/mp4", "output.mp4", 4);
    private static readonly JobError Error = new("model-rejected", "No.", null, []);

    protected static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private IJobStore Store => Jobs;

    [Fact]
    public async Task Keeps_a_job_as_it_was_given()
    {
        var job = NewJob() with { Metadata = JsonElement.Parse("""{"scene":"7 \u00fc"}""") };

        var added = Assert.IsType<JobAdded.New>(await Store.Add(job, null, Given.Rich, Cancel)).Job;
        var found = await Store.Find(job.Id, Cancel);

        Assert.Equal(1, added.Version);
        Assert.Equal(Text(added), Text(found!));
        Assert.Equal((job.EstimatedCost, job.CreatedAt), (found!.EstimatedCost, found.CreatedAt));
        Assert.Equal("7 ü", found.Metadata?.GetProperty("scene").GetString());
        Assert.Equal([("Hold", 2.10m, false)], await Entries(job.Id));
        Assert.Equal([(1L, JobStatus.Submitting)], await Events(job.Id));
    }

    [Fact]
    public async Task Finds_nothing_where_nothing_is()
    {
        Assert.Null(await Store.Find(new JobId("job_0"), Cancel));
        Assert.Null(await Store.Change(new JobId("job_0"), job => job.Unanswered()));
        Assert.False(await Store.Delete(new JobId("job_0")));
        Assert.Empty(await Store.Events(new JobId("job_0"), 0, Cancel));
        Assert.Null(await Store.FindSame(new CallerId("key_0"), Key("a"), Cancel));
        Assert.Empty((await Store.List(Of(new CallerId("key_0")), 10, null, Cancel)).Jobs);
    }

    [Fact]
    public async Task Replays_a_key_and_knows_another_body()
    {
        var first = NewJob();
        await Store.Add(first, Key("a", 1), Given.Rich, Cancel);

        var same = Assert.IsType<JobAdded.Again>(await Store.Add(NewJob() with { CallerId = first.CallerId }, Key("a", 1), Given.Rich, Cancel));
        var other = Assert.IsType<JobAdded.Again>(await Store.Add(NewJob() with { CallerId = first.CallerId }, Key("a", 2), Given.Rich, Cancel));
        var stranger = await Store.Add(NewJob(), Key("a", 1), Given.Rich, Cancel);

        Assert.Equal((first.Id, true), (same.Job?.Id, same.SameBody));
        Assert.Equal((first.Id, false), (other.Job?.Id, other.SameBody));
        Assert.IsType<JobAdded.New>(stranger);
        Assert.Equal((true, false), ((await Store.FindSame(first.CallerId, Key("a", 1), Cancel))!.SameBody, (await Store.FindSame(first.CallerId, Key("a", 2), Cancel))!.SameBody));
        Assert.Single((await Store.List(Of(first.CallerId), 10, null, Cancel)).Jobs);
    }

    [Fact]
    public async Task Many_adds_with_one_key_are_one_job()
    {
        var caller = NewJob().CallerId;

        var added = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Store.Add(NewJob() with { CallerId = caller }, Key("a"), Given.Rich, Cancel))));

        var first = Assert.Single(added.OfType<JobAdded.New>());
        Assert.All(added.OfType<JobAdded.Again>(), again => Assert.Equal(first.Job.Id, again.Job?.Id));
        Assert.Equal(49, added.OfType<JobAdded.Again>().Count());
    }

    [Fact]
    public async Task A_key_is_free_again_when_fal_never_took_its_job()
    {
        var job = NewJob();
        await Store.Add(job, Key("a"), Given.Rich, Cancel);
        await Store.Change(job.Id, before => before.Refused(Error, Now));

        Assert.IsType<JobAdded.New>(await Store.Add(NewJob() with { CallerId = job.CallerId }, Key("a"), Given.Rich, Cancel));
    }

    public static TheoryData<string, bool> Endings => new()
    {
        // how it ends                       whether the same key makes another
        { "refused by fal",                   true },
        { "too late to be sent",              true },
        { "canceled before it was sent",      false },
        { "canceled while it did not leave",  false },
        { "failed at fal",                    false },
        { "expired at fal",                   false },
        { "declared to have cost nothing",    false },
        { "declared to have cost something",  false },
    };

    /// <summary>Only what fal provably never had is given back, and what was canceled is not bought by a late repetition.</summary>
    [Theory]
    [MemberData(nameof(Endings))]
    public async Task Gives_a_key_back_only_where_fal_never_had_its_job(string how, bool isFree)
    {
        var job = NewJob();
        await Store.Add(job, Key("a"), Given.Rich, Cancel);
        await End(Store, job.Id, how);

        var again = await Store.Add(NewJob() with { CallerId = job.CallerId }, Key("a"), Given.Rich, Cancel);

        Assert.Equal((how, isFree), (how, again is JobAdded.New));
    }

    internal static async Task End(IJobStore store, string id, string how)
    {
        var change = await store.Change(new JobId(id), before => how switch
        {
            "refused by fal" => before.Dispatched(Now)?.Refused(Error, Now),
            "too late to be sent" => before.Overdue(JobErrors.Late, Now),
            "canceled before it was sent" => before.CanceledUnsent(Now),
            "canceled while it did not leave" => before.Dispatched(Now)?.CancelRequested(Now)?.Unsent(Now),
            "failed at fal" => before.Accepted(new FalRequestId("r-" + id), 0)?.Stopped(Now)?.EndedWithout(JobStatus.Failed, Error, 0, Now),
            "expired at fal" => before.Accepted(new FalRequestId("r-" + id), 0)?.Stopped(Now)?.EndedWithout(JobStatus.Expired, Error, 0, Now),
            "declared to have cost nothing" => before.Dispatched(Now)?.Unanswered()?.Resolved(0, JobErrors.Resolved, Now),
            "declared to have cost something" => before.Dispatched(Now)?.Unanswered()?.Resolved(2.10m, JobErrors.Resolved, Now),
            _ => throw new ArgumentOutOfRangeException(nameof(how)),
        });
        Assert.Equal((true, true), (change?.Moved, change?.Job.HasEnded));
    }

    [Fact]
    public async Task Writes_a_move_with_its_event_and_its_money()
    {
        var job = await Queued();

        var change = await Store.Change(job.Id, before => before.Stopped(Now)?.Completed(Video, 4, Now));

        Assert.Equal((true, JobStatus.Completed, 1.68m), (change!.Moved, change.Job.Status, change.Job.Cost));
        Assert.Equal(Text(change.Job), Text((await Store.Find(job.Id, Cancel))!));
        Assert.Equal([(1L, JobStatus.Submitting), (2L, JobStatus.Queued), (3L, JobStatus.Completed)], await Events(job.Id));
        Assert.Equal([("Hold", 2.10m, false), ("Release", 2.10m, false), ("Settlement", 1.68m, false)], await Entries(job.Id));
    }

    [Fact]
    public async Task A_move_that_means_nothing_leaves_no_trace()
    {
        var job = await Queued();

        var change = await Store.Change(job.Id, before => before.Dispatched(Now));

        Assert.Equal((false, 2L), (change!.Moved, change.Job.Version));
        Assert.Equal(2, (await Events(job.Id)).Count);
    }

    [Fact]
    public async Task A_move_that_nobody_could_see_has_no_event()
    {
        var job = NewJob();
        await Store.Add(job, null, Given.Rich, Cancel);

        var change = await Store.Change(job.Id, before => before.Dispatched(Now));

        Assert.Equal((true, 1L, Now), (change!.Moved, change.Job.Version, change.Job.DispatchedAt));
        Assert.Single(await Events(job.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_moves_in_a_row_have_each_their_event(bool isStoppedAlready)
    {
        var job = await Queued();
        if (isStoppedAlready)
            await Store.Change(job.Id, before => before.Stopped(Now));

        var change = await Store.Change(job.Id, before => before.Stopped(Now), before => before.Completed(Video, 4, Now));

        Assert.Equal((true, JobStatus.Completed, 4L), (change!.Moved, change.Job.Status, change.Job.Version));
        Assert.Equal(Text(change.Job), Text((await Store.Find(job.Id, Cancel))!));
        Assert.Equal([(1L, JobStatus.Submitting), (2L, JobStatus.Queued), (3L, JobStatus.Finalizing), (4L, JobStatus.Completed)], await Events(job.Id));
        Assert.Equal([("Hold", 2.10m, false), ("Release", 2.10m, false), ("Settlement", 1.68m, false)], await Entries(job.Id));
    }

    [Fact]
    public async Task Of_two_moves_in_a_row_the_last_may_mean_nothing()
    {
        var job = await Queued();

        var change = await Store.Change(job.Id, before => before.Stopped(Now), before => before.Dispatched(Now));

        Assert.Equal((true, JobStatus.Finalizing, 3L), (change!.Moved, change.Job.Status, change.Job.Version));
        Assert.Equal(Text(change.Job), Text((await Store.Find(job.Id, Cancel))!));
        Assert.Equal(false, (await Store.Change(job.Id, before => before.Stopped(Now), before => before.Dispatched(Now)))?.Moved);
        Assert.Null(await Store.Change(JobId.New(), before => before.Stopped(Now), before => before.Dispatched(Now)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_submit_may_begin_with_the_record_of_its_job(bool begins)
    {
        var job = NewJob();

        var added = await Store.Add(job, null, Given.Rich, Cancel, recorded => begins ? new Departure(recorded.Dispatched(Now)!, Now.AddMinutes(1)) : null);

        var stored = (await Store.Find(job.Id, Cancel))!;
        Assert.Equal(Text(Assert.IsType<JobAdded.New>(added).Job), Text(stored));
        Assert.Equal((begins ? Now : null, 1L), (stored.DispatchedAt, stored.Version));
        Assert.Equal(!begins, (await Store.TakeDue(job.CreatedAt.AddSeconds(10), _ => Now.AddDays(1), 10_000, Cancel)).Any(due => due.Id == job.Id));
        Assert.Equal(begins, (await Store.TakeDue(Now.AddMinutes(1), _ => Now.AddDays(1), 10_000, Cancel)).Any(due => due.Id == job.Id));
    }

    [Fact]
    public async Task An_end_is_written_once_however_many_come_to_it()
    {
        var job = await Queued();

        var changes = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => Task.Run(() => Store.Change(job.Id, before => number % 2 == 0
            ? before.Stopped(Now)?.Completed(Video, 5, Now)
            : before.Stopped(Now)?.EndedWithout(JobStatus.Failed, Error, 0, Now)))));

        Assert.Single(changes, change => change!.Moved);
        Assert.Equal(3, (await Events(job.Id)).Count);
        Assert.Single(await Entries(job.Id), entry => entry.Kind == nameof(LedgerKind.Release));
    }

    [Fact]
    public async Task Concurrent_moves_of_one_job_lose_none()
    {
        var job = await Queued();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => Store.Change(job.Id, before => before.Waiting((before.QueuePosition ?? 0) + 1)))));

        Assert.Equal(200, (await Store.Find(job.Id, Cancel))!.QueuePosition);
        Assert.Equal(Enumerable.Range(1, 202).Select(number => (long)number), (await Events(job.Id)).Select(happened => happened.Sequence));
    }

    [Fact]
    public async Task A_move_that_fails_takes_nobody_with_it()
    {
        var jobs = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Queued()));

        var changes = jobs.Select((job, number) => Task.Run(() => Store.Change(job.Id, before =>
            number % 4 == 0 ? throw new InvalidOperationException("This move is broken.") : before.Running(Now)))).ToList();
        await Task.WhenAll(changes).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(10, changes.Count(change => change.Exception?.InnerException is InvalidOperationException));
        for (var number = 0; number < jobs.Length; number++)
            Assert.Equal(number % 4 == 0 ? JobStatus.Queued : JobStatus.InProgress, (await Store.Find(jobs[number].Id, Cancel))!.Status);
    }

    [Fact]
    public async Task Tells_events_after_a_place()
    {
        var job = await Queued();

        Assert.Equal([2L], (await Store.Events(job.Id, 1, Cancel)).Select(happened => happened.Sequence));
        Assert.Empty(await Store.Events(job.Id, 2, Cancel));
        Assert.Empty(await Store.Events(job.Id, long.MaxValue, Cancel));
    }

    [Fact]
    public async Task Lists_by_place_and_not_by_number()
    {
        var caller = NewJob().CallerId;
        var jobs = Enumerable.Range(0, 6).Select(number => NewJob() with { CallerId = caller, CreatedAt = Now.AddSeconds(number / 2) }).ToList(); // pairs of the same instant
        foreach (var job in jobs)
            await Store.Add(job, null, Given.Rich, Cancel);
        await Store.Add(NewJob(), null, Given.Rich, Cancel);

        var all = (await Store.List(Of(caller), 100, null, Cancel)).Jobs;
        var seen = new List<JobId>();
        for (KeysetCursor? place = null; seen.Count == 0 || place is not null;)
        {
            var page = await Store.List(Of(caller), 1, place, Cancel);
            seen.Add(Assert.Single(page.Jobs).Id);
            place = page.Next;
            await Store.Add(NewJob() with { CallerId = caller, CreatedAt = Now.AddHours(1) }, null, Given.Rich, Cancel);
        }

        Assert.Equal(all.Select(job => job.Id), seen);
        Assert.Equal(all.Select(job => job.CreatedAt).OrderDescending(), all.Select(job => job.CreatedAt));
        Assert.Empty((await Store.List(Of(caller) with { Statuses = [JobStatus.Completed] }, 100, null, Cancel)).Jobs);
    }

    /// <summary>Whatever is asked for together: what is listed is what is there, each once, in order, however it is cut into pages.</summary>
    [Fact]
    public async Task Lists_what_was_asked_for_and_nothing_else()
    {
        var (one, two, ticket) = (NewJob().CallerId, NewJob().CallerId, new CallerId($"tkt_{Guid.NewGuid():N}"));
        var jobs = new List<Job>();
        foreach (var number in Enumerable.Range(0, 48))
        {
            var owner = number % 3 == 0 ? one : two;
            var job = NewJob() with
            {
                CallerId = number % 8 == 7 ? ticket : owner,
                PayerId = owner,
                CreatedAt = Now.AddMinutes(number / 2),
                Model = number % 5 < 2 ? "fal-ai/one" : "fal-ai/other",
                Metadata = JsonElement.Parse("""{"model":"fal-ai/one"}"""), // its notes are not what it is
            };
            jobs.Add(await Put(job, number));
        }

        foreach (var query in
            from caller in new CallerId?[] { null, one, two, ticket, new("key_nobody") }
            from statuses in new IReadOnlyList<JobStatus>[] { [], [JobStatus.Failed], [JobStatus.Failed, JobStatus.Submitting], [JobStatus.Completed, JobStatus.Expired], [.. Enum.GetValues<JobStatus>()] }
            from model in new[] { null, "fal-ai/one", "fal-ai/none" }
            from range in new[] { new TimeRange(Now, Now.AddMinutes(24)), new TimeRange(Now.AddMinutes(5), Now.AddMinutes(15)), new TimeRange(Now.AddDays(1), Now.AddDays(2)) }
            select new JobQuery(caller, range) { Statuses = statuses, Model = model })
        {
            var wanted = jobs.Where(job => (query.CallerId is null || job.CallerId == query.CallerId || job.PayerId == query.CallerId)
                    && (query.Statuses is [] || query.Statuses.Contains(job.Status)) && (query.Model is null || job.Model == query.Model)
                    && job.CreatedAt >= query.Range.From && job.CreatedAt < query.Range.Until)
                .OrderByDescending(job => job.CreatedAt).ThenByDescending(job => job.Id.Value, StringComparer.Ordinal).Select(job => job.Id).ToList();
            foreach (var limit in new[] { 7, 100 })
                Assert.Equal(wanted, await Listed(query, limit));
        }
    }

    [Fact]
    public async Task Looks_for_a_model_among_so_many_jobs_and_says_where_to_go_on()
    {
        var caller = NewJob().CallerId;
        var first = NewJob() with { CallerId = caller, CreatedAt = Now.AddDays(-1), Model = "fal-ai/rare" };
        await Store.Add(first, null, Given.Rich, Cancel);
        await Task.WhenAll(Enumerable.Range(0, JobPages.MaxExamined).Select(number => Task.Run(() =>
            Store.Add(NewJob() with { CallerId = caller, CreatedAt = Now.AddSeconds(number) }, null, Given.Rich, Cancel))));
        var query = Of(caller) with { Model = first.Model };

        var page = await Store.List(query, 10, null, Cancel);
        var next = await Store.List(query, 10, page.Next, Cancel);

        Assert.Empty(page.Jobs);
        Assert.Equal(Now, page.Next!.At);
        Assert.Equal([first.Id], next.Jobs.Select(job => job.Id));
        Assert.Null(next.Next);
    }

    [Fact]
    public async Task A_job_that_is_made_once_more_names_the_new_one_or_nothing_is_made()
    {
        var failed = NewJob();
        await Store.Add(failed, null, Given.Rich, Cancel);
        var again = NewJob() with { CallerId = new CallerId($"tkt_{Guid.NewGuid():N}"), PayerId = failed.CallerId, RetryOf = failed.Id }; // a ticket's, which is spent
        var act = new OperatorAct(OperatorAct.NewId(), Now, CallerId.Operator, ActWords.JobRetried, failed.Id, "");

        var early = await Store.Add(again, Key("a"), Given.Rich, Cancel, act: act);
        await Store.Change(failed.Id, before => before.Refused(Error, Now) ?? before.Dispatched(Now)?.Refused(Error, Now));
        var poor = await Store.Add(again, Key("a"), Given.Rich with { PerDay = 1 }, Cancel, act: act);
        var untouched = await Store.FindNow(failed.Id, Cancel);
        var made = await Store.Add(again, Key("a"), Given.Rich, Cancel, act: act);
        var same = await Store.Add(again with { Id = NewJob().Id }, Key("a"), Given.Rich, Cancel, act: act with { Id = OperatorAct.NewId() });
        var ofNothing = await Store.Add(NewJob() with { RetryOf = new JobId("job_none") }, null, Given.Rich, Cancel);

        Assert.IsType<JobAdded.NothingToRetry>(early);
        Assert.IsType<JobAdded.Refused>(poor);
        Assert.Null(untouched!.RetriedAs);
        Assert.Equal(again.Id, Assert.IsType<JobAdded.New>(made).Job.Id);
        Assert.Equal(again.Id, Assert.IsType<JobAdded.Again>(same).Job!.Id);
        Assert.IsType<JobAdded.NothingToRetry>(ofNothing);
        var (named, version) = (await Store.FindNow(failed.Id, Cancel) is var after ? (after!.RetriedAs, after.Version) : default);
        Assert.Equal((again.Id, untouched.Version), (named!.Value, version));
        Assert.Equal(failed.Id, (await Store.FindNow(again.Id, Cancel))!.RetryOf);
        Assert.Equal([("Hold", 2.10m, false)], await Entries(again.Id));
        Assert.Equal([act], await Audit.About(failed.Id, Cancel));
    }

    private static JobQuery Of(CallerId caller) => new(caller, TimeRange.All);

    private async Task<Job> Put(Job job, int number)
    {
        job = Assert.IsType<JobAdded.New>(await Store.Add(job with { CallerId = job.PayerId }, null, Given.Rich, Cancel)).Job with { CallerId = job.CallerId };
        if (job.CallerId != job.PayerId) // a ticket's, without the ticket
            await Database.Write(sql => sql.Execute("UPDATE jobs SET caller_id = @caller, document = @document WHERE id = @id", ("@caller", job.CallerId), ("@document", JobDocument.Text(job)), ("@id", job.Id)));
        return (number % 4) switch
        {
            0 => job,
            1 => (await Store.Change(job.Id, before => before.Dispatched(Now)?.Refused(Error, Now)))!.Job,
            2 => (await Store.Change(job.Id, before => before.Overdue(Error, Now)))!.Job,
            _ => (await Store.Change(job.Id, before => before.Dispatched(Now)?.Accepted(new FalRequestId($"r-{job.Id}"), null)?.Stopped(Now)?.Completed(Video, 5m, Now)))!.Job,
        };
    }

    private async Task<List<JobId>> Listed(JobQuery query, int limit)
    {
        var (seen, place) = (new List<JobId>(), default(KeysetCursor));
        do
        {
            var page = await Store.List(query, limit, place, Cancel);
            Assert.InRange(page.Jobs.Count, 0, limit);
            seen.AddRange(page.Jobs.Select(job => job.Id));
            place = page.Next;
        }
        while (place is not null);
        return seen;
    }

    [Fact]
    public async Task Leases_what_is_due_to_one_taker()
    {
        var jobs = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Queued(lookAt: Now)));

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Store.TakeDue(Now, _ => Now.AddMinutes(1), 10, Cancel))));

        Assert.Equal(jobs.Select(job => job.Id.Value).Order(), taken.SelectMany(some => some).Select(job => job.Id).Where(id => jobs.Any(job => job.Id == id)).Select(id => id.Value).Order());
        Assert.Equal(30, (await Store.TakeDue(Now.AddMinutes(1), _ => Now.AddMinutes(2), 100, Cancel)).Count(due => jobs.Any(job => job.Id == due.Id)));
    }

    [Fact]
    public async Task Looks_again_only_when_it_was_told_to()
    {
        var job = await Queued(lookAt: Now.AddMinutes(5));

        Assert.DoesNotContain(await Due(Now.AddMinutes(4)), due => due.Id == job.Id);
        Assert.Contains(await Due(Now.AddMinutes(5)), due => due.Id == job.Id);
        await Store.Change(job.Id, _ => null, Now.AddMinutes(9));
        Assert.DoesNotContain(await Due(Now.AddMinutes(8)), due => due.Id == job.Id);
        Assert.Contains(await Due(Now.AddMinutes(9)), due => due.Id == job.Id);
    }

    [Fact]
    public async Task Never_looks_at_an_ended_job_again()
    {
        var job = await Queued(lookAt: Now);
        await Store.Change(job.Id, before => before.Stopped(Now)?.Completed(Video, 5, Now), Now.AddMinutes(1));

        await Store.Change(job.Id, _ => null, Now.AddMinutes(1));

        Assert.DoesNotContain(await Due(Now.AddYears(1)), due => due.Id == job.Id);
    }

    [Fact]
    public async Task Deletes_ended_jobs_only_and_keeps_the_ledger()
    {
        var job = await Queued(key: Key("a"));
        Assert.False(await Store.Delete(job.Id));
        await Store.Change(job.Id, before => before.Stopped(Now)?.Completed(Video, 5, Now));

        Assert.True(await Store.Delete(job.Id));

        Assert.False(await Store.Delete(job.Id));
        Assert.Null(await Store.Find(job.Id, Cancel));
        Assert.Empty(await Events(job.Id));
        Assert.Equal(new JobAdded.Again(null, SameBody: true), await Store.FindSame(job.CallerId, Key("a"), Cancel)); // for ever
        Assert.Equal(3, (await Entries(job.Id)).Count);
    }

    [Fact]
    public async Task The_ledger_always_says_what_the_jobs_say()
    {
        var jobs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Queued()));
        await Task.WhenAll(jobs.Select((job, number) => Store.Change(job.Id, before => (number % 5) switch
        {
            0 => before.Stopped(Now)?.Completed(Video, 5, Now),
            1 => before.Stopped(Now)?.Completed(Video, null, Now),
            2 => before.Stopped(Now)?.EndedWithout(JobStatus.Failed, Error, 0, Now),
            3 => before.Stopped(Now)?.EndedWithout(JobStatus.Canceled, null, null, Now),
            _ => before.Running(Now),
        })));

        foreach (var job in jobs)
        {
            var (current, entries) = ((await Store.Find(job.Id, Cancel))!, await Entries(job.Id));
            var held = entries.Where(entry => entry.Kind == "Hold").Sum(entry => entry.Amount) - entries.Where(entry => entry.Kind == "Release").Sum(entry => entry.Amount);
            Assert.Equal(current.HasEnded ? 0 : current.EstimatedCost, held);
            Assert.Equal(current.Cost ?? 0, entries.Where(entry => entry.Kind == "Settlement").Sum(entry => entry.Amount));
        }
    }

    /// <summary>What stands in the ledger about one job.</summary>
    private async Task<IReadOnlyList<(string Kind, decimal Amount, bool Estimated)>> Entries(string jobId) => await Database.Read(sql => sql.Query(
        "SELECT kind, amount, estimated FROM ledger WHERE job_id = @job ORDER BY kind", row => (row.GetString(0), row.GetInt64(1) / 1_000_000m, row.GetInt64(2) == 1), ("@job", jobId)));

    protected static string NewId(string prefix) => prefix + Guid.NewGuid().ToString("N");

    internal static Job NewJob() => new()
    {
        Id = new JobId(NewId("job_")),
        CallerId = new CallerId(NewId("key_")),
        Model = "fal-ai/kling-video/o3/4k/image-to-video",
        Input = JsonElement.Parse("""{"image_url":"https://example.com/start.png","prompt":"Petals fall."}"""),
        Seconds = 5,
        UnitPrice = 0.42m,
        EstimatedCost = 2.10m,
        CreatedAt = Now,
    };

    private async Task<Job> Queued(DateTimeOffset? lookAt = null, IdempotencyKey? key = null, UnacknowledgedBody? body = null)
    {
        var job = NewJob();
        await Store.Add(job, key is null ? body : key, Given.Rich, Cancel);
        return (await Store.Change(job.Id, before => before.Accepted(new FalRequestId(NewId("request-")), 0), lookAt ?? Now.AddYears(10)))!.Job;
    }

    private Task<IReadOnlyList<Job>> Due(DateTimeOffset now) => Store.TakeDue(now, _ => now.AddSeconds(1), 1000, Cancel);

    private async Task<List<(long Sequence, JobStatus Status)>> Events(string id) =>
        [.. (await Store.Events(new JobId(id), 0, Cancel)).Select(happened => (happened.Sequence, happened.Status))];

    private static IdempotencyKey Key(string text, byte body = 0) => new(text, [body]);

    // Two jobs that were read apart share no JSON document, so records cannot compare them.
    private static string Text(Job job) => (job with { Input = default, Metadata = null }).ToString();
}

public sealed class SqliteJobStoreTests() : JobStoreContract(Engine.Sqlite);

public sealed class PostgresJobStoreTests() : JobStoreContract(Engine.Postgres);
