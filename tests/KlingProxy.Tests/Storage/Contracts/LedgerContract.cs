using KlingProxy.Fal.Queue;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Spending;
using KlingProxy.Spending.Ledger;
using KlingProxy.Storage;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.Logging.Abstractions;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>What every engine owes us about money.</summary>
public abstract class LedgerContract(Engine engine) : StoreContract(engine)
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private static Payer PayerOf(Job job) => Given.Rich with { Id = job.PayerId };

    [Fact]
    public async Task Two_hundred_at_once_into_a_budget_for_three_are_three()
    {
        var payer = PayerOf(JobStoreContract.NewJob()) with { PerDay = 6.30m };

        var added = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => Jobs.Add(JobOf(payer), null, payer, Cancel))));

        Assert.Equal(3, added.OfType<JobAdded.New>().Count());
        Assert.All(added.OfType<JobAdded.Refused>(), refused => Assert.Equal(new SpendingRefusal.OverBudget(BudgetKind.PayerPerDay, 0), refused.Reason));
        Assert.Equal(new Committed(6.30m, 0), (await Ledger.Committed(payer, Noon, Cancel)).PayerToday);
    }

    [Fact]
    public async Task Counts_a_job_on_the_day_of_its_creation_whenever_it_ends()
    {
        var payer = PayerOf(JobStoreContract.NewJob()) with { InTotal = 1000 };
        var (lateAtNight, justAfter) = (new DateTimeOffset(2026, 8, 1, 23, 59, 59, TimeSpan.Zero), new DateTimeOffset(2026, 8, 2, 0, 0, 1, TimeSpan.FromHours(0)));
        var job = JobOf(payer) with { CreatedAt = lateAtNight };
        await Jobs.Add(job, null, payer, Cancel);
        await Jobs.Change(job.Id, before => before.Accepted(new FalRequestId($"r-{job.Id}"), 0));
        Assert.Equal(new Committed(2.10m, 0), (await Ledger.Committed(payer, lateAtNight, Cancel)).PayerToday);
        Assert.Equal(default, (await Ledger.Committed(payer, justAfter, Cancel)).PayerToday);

        await Jobs.Change(job.Id, before => before.Stopped(Noon)?.Completed(new FalVideo("https://v3b.fal.media/a.mp4", null, null, null), 4, justAfter));

        Assert.Equal(new Committed(0, 1.68m), (await Ledger.Committed(payer, lateAtNight, Cancel)).PayerToday);
        Assert.Equal(default, (await Ledger.Committed(payer, justAfter, Cancel)).PayerToday);
        Assert.Equal(new Committed(0, 1.68m), (await Ledger.Committed(payer, justAfter.AddYears(1), Cancel)).Payer);
    }

    [Fact]
    public async Task Totals_of_an_older_database_are_made_of_what_it_has()
    {
        var payer = PayerOf(JobStoreContract.NewJob()) with { InTotal = 1000 };
        var (running, ended) = (JobOf(payer), JobOf(payer));
        var nobody = JobOf(payer) with { CallerId = new CallerId("anonymous:203.0.113.7"), PayerId = new CallerId("anonymous:203.0.113.7") };
        foreach (var job in new[] { running, ended, nobody })
            await Jobs.Add(job, null, PayerOf(job), Cancel);
        await Jobs.Change(ended.Id, before => before.CanceledUnsent(Noon));
        var before = await Ledger.Committed(payer, Noon, Cancel);

        string[] undone = Database.Engine == "sqlite"
            ? [.. new[] { "total_entry", "total_moved_hold", "total_new_job", "total_changed_job", "total_deleted_job" }.Select(trigger => $"DROP TRIGGER {trigger}")]
            : [.. new[] { "total_entry", "total_moved_hold", "total_job", "add_to_day", "add_to_totals" }.Select(function => $"DROP FUNCTION {function} CASCADE")];
        foreach (var sql in (string[])[.. undone, "DROP TABLE spending_totals", "DROP VIEW ledger_counts", "DELETE FROM migrations WHERE number = 12"])
            await Database.Write(session => session.Execute(sql));
        await new Migrator(Database, TimeProvider.System, NullLogger<Migrator>.Instance).Run();

        Assert.Equal((2.10m, 2.10m, 1, 2), (before.PayerToday.Held, before.Anonymous.Held, before.PayerInFlight, before.InFlight));
        Assert.Equal(before, await Ledger.Committed(payer, Noon, Cancel));
    }

    [Theory]
    [InlineData("UPDATE spending_totals SET held = held + 5000000 WHERE day > 0 AND purse = '*'", "2026-08-01 * (0 jobs, 5 held, 0 spent, 0 in flight)")]
    [InlineData("UPDATE spending_totals SET in_flight = in_flight - 2 WHERE day = 0 AND purse = '*'", "all * (0 jobs, 0 held, 0 spent, -2 in flight)")]
    [InlineData("DELETE FROM spending_totals WHERE day = 0 AND purse <> '*'", "all payer (-1 jobs, -2.1 held, 0 spent, -1 in flight)")]
    [InlineData("DELETE FROM spending_totals WHERE day > 0 AND purse = '*'", "2026-08-01 * (-1 jobs, -2.1 held, 0 spent, 0 in flight)")]
    public async Task Tells_where_totals_and_ledger_differ(string meddled, string gap)
    {
        var payer = PayerOf(JobStoreContract.NewJob());
        await Jobs.Add(JobOf(payer), null, payer, Cancel);
        Assert.Empty(await Gaps());

        await Database.Write(sql => sql.Execute(meddled));

        Assert.Equal(gap, Assert.Single(await Gaps()));
        await Database.Write(sql => sql.Execute("DELETE FROM spending_totals"));
        await Database.Write(sql => sql.Execute("DELETE FROM ledger"));
        await Database.Write(sql => sql.Execute("DELETE FROM jobs"));
        await Database.Write(sql => sql.Execute("DELETE FROM spending_totals"));

        async Task<IEnumerable<string>> Gaps() => (await Ledger.Gaps(DateOnly.MinValue, DateOnly.MaxValue, Cancel)).Select(found => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{found.Day?.ToString("O") ?? "all"} {(found.Purse == payer.Id ? "payer" : found.Purse)} ({found.Jobs} jobs, {found.Committed.Held:0.##} held, {found.Committed.Spent:0.##} spent, {found.InFlight} in flight)"));
    }

    [Theory]
    [InlineData("UPDATE settled SET amount = amount + 5000000", "+5 (+0)")]
    [InlineData("UPDATE settled SET estimated = estimated - 2100000", "+0 (-2.1)")]
    [InlineData("DELETE FROM settled", "-3.78 (-2.1)")]
    [InlineData("UPDATE settled SET model = 'another'", "-3.78 (-2.1) | another +3.78 (+2.1)")]
    public async Task Tells_where_what_is_kept_as_settled_and_ledger_differ(string meddled, string gap)
    {
        var payer = PayerOf(JobStoreContract.NewJob());
        var (ended, day) = (Noon.AddDays(70), DateOnly.FromDateTime(Noon.AddDays(70).UtcDateTime)); // long after the day on which they count
        foreach (var units in new decimal?[] { 4, null })
        {
            var job = JobOf(payer);
            await Jobs.Add(job, null, payer, Cancel);
            await Jobs.Change(job.Id, before => before.Accepted(new FalRequestId($"r-{job.Id}"), 0));
            await Jobs.Change(job.Id, before => before.Stopped(Noon)?.Completed(new FalVideo("https://v3b.fal.media/a.mp4", null, null, null), units, ended));
        }
        Assert.Empty(await Ledger.SettledGaps(day, day, Cancel));

        await Database.Write(sql => sql.Execute(meddled));

        var gaps = await Ledger.SettledGaps(day, day, Cancel);
        Assert.All(gaps, found => Assert.Equal(day, found.Day));
        Assert.Equal(gap, string.Join(" | ", gaps.OrderBy(found => found.Amount).Select(found => string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{(found.Model == "another" ? "another " : "")}{found.Amount:+0.##;-0.##;+0} ({found.Estimated:+0.##;-0.##;+0})"))));
        Assert.Empty(await Ledger.SettledGaps(day.AddDays(-69), day.AddDays(-1), Cancel));
        Assert.Empty(await Ledger.SettledGaps(day.AddDays(1), day.AddDays(1), Cancel));
        await Database.Write(sql => sql.Execute("DELETE FROM ledger"));
        await Database.Write(sql => sql.Execute("DELETE FROM jobs"));
        await Database.Write(sql => sql.Execute("DELETE FROM spending_totals"));
        await Database.Write(sql => sql.Execute("DELETE FROM settled"));
    }

    [Fact]
    public async Task Counts_a_job_that_leaves_on_another_day_on_that_day_if_its_budgets_allow()
    {
        var payer = PayerOf(JobStoreContract.NewJob()) with { PerDay = 2.10m, InTotal = 4.20m };
        var (evening, morning) = (new DateTimeOffset(2026, 8, 1, 23, 59, 0, TimeSpan.Zero), new DateTimeOffset(2026, 8, 2, 0, 1, 0, TimeSpan.Zero));
        var (waiting, other) = (JobOf(payer) with { CreatedAt = evening }, JobOf(payer) with { CreatedAt = morning });
        await Jobs.Add(waiting, null, payer, Cancel);
        await Jobs.Add(other, null, payer, Cancel);
        Task<JobChange?> Leave(Payer? by) => Jobs.Change(waiting.Id, before => before.Dispatched(morning), null, new Provided.MayLeave(by));

        Assert.Equal((false, false), ((await Leave(payer))?.Moved, (await Leave(null))?.Moved)); // the other has that day's money
        Assert.Equal(2.10m, (await Ledger.Committed(payer, evening, Cancel)).PayerToday.Total);
        await Jobs.Change(other.Id, before => before.CanceledUnsent(morning));
        Assert.Equal(true, (await Leave(payer))?.Moved); // what it holds of the total is its own

        Assert.Equal((0m, 2.10m), ((await Ledger.Committed(payer, evening, Cancel)).PayerToday.Total, (await Ledger.Committed(payer, morning, Cancel)).PayerToday.Total));
        await Jobs.Change(waiting.Id, before => before.Refused(JobErrors.Auth, morning));
        Assert.Equal(0m, (await Ledger.Committed(payer, morning, Cancel)).PayerToday.Total);
    }

    [Fact]
    public async Task Books_what_fal_bills_for_a_job_that_had_ended_for_nothing()
    {
        var payer = PayerOf(JobStoreContract.NewJob());
        var job = JobOf(payer);
        await Jobs.Add(job, null, payer, Cancel);
        await Jobs.Change(job.Id, before => before.Dispatched(Noon)?.Unanswered());
        await Jobs.Change(job.Id, before => before.Resolved(0, JobErrors.Resolved, Noon));
        Assert.Empty(await Jobs.TakeDue(DateTimeOffset.MaxValue, _ => Noon, 1000, Cancel) is var none ? none.Where(due => due.Id == job.Id) : []);

        await Jobs.Change(job.Id, before => before.Disputed(new FalRequestId($"r-{job.Id}"), Noon), Noon);
        Assert.Contains(await Jobs.TakeDue(Noon, _ => Noon, 1000, Cancel), due => due.Id == job.Id);
        Assert.False(await Jobs.Delete(job.Id));
        await Jobs.Change(job.Id, before => before.Completed(new FalVideo("https://v3b.fal.media/a.mp4", null, null, null), 4, Noon.AddDays(1)));

        Assert.Equal(new Committed(0, 1.68m), (await Ledger.Committed(payer, Noon, Cancel)).PayerToday);
        Assert.Equal(0, (await Ledger.Committed(payer, Noon, Cancel)).PayerInFlight);
        Assert.Equal(LedgerKind.Correction, Assert.Single(await Ledger.Entries(new LedgerQuery(DateOnly.MinValue, DateOnly.MaxValue, job.Id, null), 10, null, Cancel), entry => entry.Amount == 1.68m).Kind);
        Assert.True(await Jobs.Delete(job.Id));
    }

    [Fact]
    public async Task Tells_everyone_the_nameless_and_one_payer_apart()
    {
        var day = Noon.AddDays(Random.Shared.Next(1, 100_000)); // nobody else's
        var (one, other, anonymous) = (PayerOf(JobStoreContract.NewJob()), PayerOf(JobStoreContract.NewJob()), Given.Rich with { Id = new CallerId($"anonymous:{Guid.NewGuid():N}") });
        foreach (var payer in new[] { one, one, other, anonymous })
            await Jobs.Add(JobOf(payer) with { CreatedAt = day }, null, payer, Cancel);

        var now = await Ledger.Committed(one, day, Cancel);

        Assert.Equal((8.40m, 2.10m, 4.20m, null), (now.Everyone.Total, now.Anonymous.Total, now.PayerToday.Total, now.Payer));
        Assert.Equal(2, now.PayerInFlight);
        Assert.True(now.InFlight >= 4);
    }

    [Fact]
    public async Task Counts_no_job_as_under_way_that_has_ended_or_waits_for_a_person()
    {
        var payer = PayerOf(JobStoreContract.NewJob());
        var (waiting, ended, running) = (JobOf(payer), JobOf(payer), JobOf(payer));
        foreach (var job in new[] { waiting, ended, running })
            await Jobs.Add(job, null, payer, Cancel);
        await Jobs.Change(waiting.Id, before => before.Dispatched(Noon)?.Unanswered());
        await Jobs.Change(waiting.Id, before => before.Flagged());
        await Jobs.Change(ended.Id, before => before.CanceledUnsent(Noon));

        Assert.Equal(1, (await Ledger.Committed(payer, Noon, Cancel)).PayerInFlight);
        Assert.Contains(await Jobs.InAttention(1000, null, Cancel), job => job.Id == waiting.Id);
        await Jobs.Change(waiting.Id, before => before.Resolved(0, JobErrors.Resolved, Noon));
        Assert.DoesNotContain(await Jobs.InAttention(1000, null, Cancel), job => job.Id == waiting.Id);
    }

    [Fact]
    public async Task Freezes_every_new_job_and_every_submit_until_it_is_lifted()
    {
        var payer = PayerOf(JobStoreContract.NewJob());
        var recorded = JobOf(payer);
        await Jobs.Add(recorded, null, payer, Cancel);
        try
        {
            var freeze = await Ledger.Freeze(new Freeze(Noon, "operator", "why"));
            Assert.Equal(freeze, await Ledger.Freeze(new Freeze(Noon.AddHours(1), "another", "")));

            Assert.IsType<SpendingRefusal.Frozen>(Assert.IsType<JobAdded.Refused>(await Jobs.Add(JobOf(payer), null, payer, Cancel)).Reason);
            Assert.Equal(false, (await Jobs.Change(recorded.Id, before => before.Dispatched(Noon), null, new Provided.MayLeave(null)))?.Moved);
        }
        finally
        {
            Assert.True(await Ledger.Unfreeze());
        }
        Assert.False(await Ledger.Unfreeze());
        Assert.Null(await Ledger.Frozen(Cancel));
        Assert.Equal(true, (await Jobs.Change(recorded.Id, before => before.Dispatched(Noon), null, new Provided.MayLeave(null)))?.Moved);
    }

    [Fact]
    public async Task Binds_a_request_to_one_job_only()
    {
        var (payer, request) = (PayerOf(JobStoreContract.NewJob()), $"r-{Guid.NewGuid():N}");
        var jobs = Enumerable.Range(0, 8).Select(_ => JobOf(payer)).ToList();
        foreach (var job in jobs)
        {
            await Jobs.Add(job, null, payer, Cancel);
            await Jobs.Change(job.Id, before => before.Dispatched(Noon)?.Unanswered());
        }

        var changes = await Task.WhenAll(jobs.Select(job => Task.Run(() => Jobs.Change(job.Id, before => before.Accepted(new FalRequestId(request), null), null, Provided.RequestIsFree))));

        Assert.Single(changes, change => change is { Moved: true });
    }

    [Fact]
    public async Task Lists_entries_by_place_and_sums_them_by_day_payer_and_model()
    {
        var day = Noon.AddDays(Random.Shared.Next(200_000, 900_000));
        var (payer, from) = (PayerOf(JobStoreContract.NewJob()), DateOnly.FromDateTime(day.UtcDateTime));
        for (var number = 0; number < 3; number++)
        {
            var job = JobOf(payer) with { CreatedAt = day };
            await Jobs.Add(job, null, payer, Cancel);
            await Jobs.Change(job.Id, before => before.Accepted(new FalRequestId($"r-{job.Id}"), 0));
            if (number < 2)
                await Jobs.Change(job.Id, before => before.Stopped(Noon)?.Completed(new FalVideo("https://v3b.fal.media/a.mp4", null, null, null), number == 0 ? 4 : null, day));
        }

        var query = new LedgerQuery(from, from, null, payer.Id);
        var all = await Ledger.Entries(query, 100, null, Cancel);
        var seen = new List<LedgerEntry>();
        for (KeysetCursor? place = null; await Ledger.Entries(query, 1, place, Cancel) is [var next]; place = next.Place)
            seen.Add(next);
        var usage = Assert.Single(await Ledger.Usage(from, from, Cancel), row => row.PayerId == payer.Id);
        var settled = Assert.Single(await Ledger.Settled(from, from, Cancel));

        Assert.Equal(7, all.Count);
        Assert.Equal(all, seen);
        Assert.Equal((3L, new Committed(2.10m, 3.78m), 2.10m, null), (usage.Jobs, usage.Committed, usage.Estimated, usage.Name));
        Assert.Equal(("fal-ai/kling-video/o3/4k/image-to-video", 3.78m, 2.10m), (settled.Model, settled.Amount, settled.Estimated));
        Assert.Equal(3, (await Ledger.Entries(query with { JobId = all.First(entry => entry.Kind == LedgerKind.Settlement).JobId }, 100, null, Cancel)).Count);
        Assert.Empty(await Ledger.Entries(query with { From = from.AddDays(1), To = from.AddDays(2) }, 100, null, Cancel));
    }

    [Fact]
    public async Task Lists_a_later_day_first_whenever_its_entries_were_written()
    {
        var (payer, stranger) = (PayerOf(JobStoreContract.NewJob()), PayerOf(JobStoreContract.NewJob()));
        var (evening, morning) = (Noon.AddYears(50).AddHours(11), Noon.AddYears(50).AddHours(13));
        var (late, early) = (JobOf(payer) with { CreatedAt = evening }, JobOf(payer) with { CreatedAt = morning });
        foreach (var job in new[] { late, early, JobOf(stranger) with { CreatedAt = morning } })
            await Jobs.Add(job, null, job.PayerId == payer.Id ? payer : stranger, Cancel);
        await Jobs.Change(late.Id, before => before.CanceledUnsent(morning.AddHours(1))); // written last, and counts on the day before

        foreach (var query in new[] { new LedgerQuery(DateOnly.FromDateTime(evening.Date), DateOnly.FromDateTime(morning.Date), null, payer.Id), new LedgerQuery(DateOnly.FromDateTime(evening.Date), DateOnly.FromDateTime(morning.Date), null, null) })
        {
            var seen = new List<LedgerEntry>();
            for (KeysetCursor? place = null; await Ledger.Entries(query, 1, place, Cancel) is [var next]; place = next.Place)
                seen.Add(next);
            Assert.Equal(
                [(early.Id, LedgerKind.Hold), (late.Id, LedgerKind.Release), (late.Id, LedgerKind.Hold)],
                seen.Where(entry => entry.PayerId == payer.Id).Select(entry => (entry.JobId, entry.Kind)));
            Assert.Equal(seen, await Ledger.Entries(query, 100, null, Cancel));
        }
        var both = await Ledger.Entries(new LedgerQuery(DateOnly.MinValue, DateOnly.MaxValue, late.Id, payer.Id), 100, null, Cancel);
        Assert.Equal([LedgerKind.Release, LedgerKind.Hold], both.Select(entry => entry.Kind));
        Assert.Equal([LedgerKind.Hold], (await Ledger.Entries(new LedgerQuery(DateOnly.MinValue, DateOnly.MaxValue, late.Id, null), 100, both[0].Place, Cancel)).Select(entry => entry.Kind));
    }

    [Fact]
    public async Task What_is_kept_as_settled_is_what_the_ledger_says()
    {
        var payer = PayerOf(JobStoreContract.NewJob());
        for (var number = 0; number < 12; number++)
        {
            var job = JobOf(payer) with { Model = $"model {number % 3}" };
            await Jobs.Add(job, null, payer, Cancel);
            await Jobs.Change(job.Id, before => before.Accepted(new FalRequestId($"r-{job.Id}"), 0));
            await Jobs.Change(job.Id, before => before.Stopped(Noon)?.Completed(
                new FalVideo("https://v3b.fal.media/a.mp4", null, null, null), number % 2 == 0 ? 4 : null, Noon.AddHours(number * 5)));
        }

        var kept = await Ledger.Settled(DateOnly.MinValue, DateOnly.MaxValue, Cancel);
        var entries = (await Ledger.Entries(new LedgerQuery(DateOnly.MinValue, DateOnly.MaxValue, null, null), 1000, null, Cancel))
            .Where(entry => entry.Kind is LedgerKind.Settlement or LedgerKind.Correction);

        Assert.Equal(
            entries.GroupBy(entry => (Day: DateOnly.FromDateTime(entry.At.UtcDateTime), entry.Model)).OrderByDescending(row => row.Key.Day).ThenBy(row => row.Key.Model, StringComparer.Ordinal)
                .Select(row => new Settled(row.Key.Day, row.Key.Model, row.Sum(entry => entry.Amount), row.Sum(entry => entry.Estimated ? entry.Amount : 0))),
            kept);
        Assert.True(kept.Count >= 4);
    }

    private static Job JobOf(Payer payer) => JobStoreContract.NewJob() with { CallerId = payer.Id, CreatedAt = Noon };
}

public sealed class SqliteLedgerTests() : LedgerContract(Engine.Sqlite);

public sealed class PostgresLedgerTests() : LedgerContract(Engine.Postgres);
