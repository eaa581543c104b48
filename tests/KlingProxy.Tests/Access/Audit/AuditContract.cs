using KlingProxy.Access.Audit;
using KlingProxy.Access.Keys;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Contracts;

using Freeze = KlingProxy.Spending.Freeze;

namespace KlingProxy.Tests.Access.Audit;

/// <summary>What every engine owes us about acts: there is no change without its row, and no row without its change.</summary>
public abstract class AuditContract(Engine engine) : StoreContract(engine)
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly CallerId One = new("key_one"), Two = new("key_two");

    public static TheoryData<string, bool> Acts => new()
    {
        // what                                   done
        { "a key is created",                      true },
        { "a key is changed",                      true },
        { "a key is changed into itself",          false },
        { "a revoked key is changed",              false },
        { "no key is changed",                     false },
        { "a key is rotated",                      true },
        { "a revoked key is rotated",              false },
        { "a key is revoked",                      true },
        { "no key is revoked",                     false },
        { "spending is frozen",                    true },
        { "spending goes on",                      true },
        { "a job is resolved",                     true },
        { "a job is resolved that needs nobody",   false },
        { "no job is resolved",                    false },
        { "a note is seen",                        true },
        { "a note is seen again",                  false },
    };

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task Is_written_with_what_it_is_about_or_not_at_all(string what, bool isDone)
    {
        var act = NewAct(One, ActWords.KeyChanged);

        await Do(what, act);

        Assert.Equal(isDone ? [act] : [], await Audit.List(new AuditQuery(TimeRange.All), 10, null, Cancel));
    }

    [Fact]
    public async Task A_change_that_fails_has_no_row()
    {
        var key = NewKey();
        await Keys.Add(key, Cancel);

        await Assert.ThrowsAnyAsync<Exception>(() => Keys.Add(key, Cancel, NewAct(One, ActWords.KeyCreated))); // there is one of this id
        await Assert.ThrowsAnyAsync<Exception>(() => Keys.Change(key.Id, _ => throw new InvalidOperationException("Broken."), Now, Cancel, (_, _) => NewAct(One, ActWords.KeyChanged)));

        Assert.Empty(await Audit.List(new AuditQuery(TimeRange.All), 10, null, Cancel));
    }

    [Fact]
    public async Task An_act_that_changes_two_things_is_one()
    {
        var act = NewAct(One, ActWords.JobResolved);
        await Ledger.Freeze(new Freeze(Now, One, ""), act);
        await Ledger.Unfreeze(act);

        Assert.Equal([act], await Audit.List(new AuditQuery(TimeRange.All), 10, null, Cancel));
    }

    [Fact]
    public async Task Tells_all_that_was_done_about_one_thing()
    {
        var acts = Enumerable.Range(0, 3).Select(number => NewAct(One, ActWords.JobResolved) with { Subject = "job_1", At = Now.AddMinutes(-number) }).ToList();
        foreach (var act in acts.Append(NewAct(One, ActWords.SpendingFrozen)))
            await Ledger.Freeze(new Freeze(Now, One, ""), act);

        Assert.Equal(acts.AsEnumerable().Reverse(), await Audit.About("job_1", Cancel));
        Assert.Empty(await Audit.About("job_2", Cancel));
    }

    [Fact]
    public async Task Lists_newest_first_by_whom_what_and_when()
    {
        var acts = new List<OperatorAct>();
        foreach (var number in Enumerable.Range(0, 24)) // two of each minute, each of the four kinds thrice an hour
            acts.Add(NewAct(number % 2 == 0 ? One : Two, number % 3 == 0 ? ActWords.SpendingFrozen : ActWords.SpendingResumed) with { At = Now.AddMinutes(number / 2) });
        foreach (var act in acts)
            await Ledger.Freeze(new Freeze(Now, One, ""), act);
        var range = new TimeRange(Now.AddMinutes(2), Now.AddMinutes(10)); // the first minute is in it, the last is not

        foreach (var query in
            from time in new[] { TimeRange.All, range, new TimeRange(Now.AddDays(1), Now.AddDays(2)) }
            from whose in new CallerId?[] { null, One, Two, new("key_nobody") }
            from word in new[] { null, ActWords.SpendingFrozen, ActWords.SpendingResumed, ActWords.KeyRevoked }
            select new AuditQuery(time, whose, word))
        {
            var wanted = acts.Where(act => act.At >= query.Range.From && act.At < query.Range.Until && (query.By is null || act.By == query.By) && (query.Act is null || act.Act == query.Act))
                .OrderByDescending(act => act.At).ThenByDescending(act => act.Id, StringComparer.Ordinal).ToList();
            var seen = new List<OperatorAct>();
            for (KeysetCursor? place = null; await Audit.List(query, 5, place, Cancel) is [.., var last] page; place = new KeysetCursor(last.At, last.Id))
                seen.AddRange(page);

            Assert.Equal(wanted, seen);
        }
    }

    private async Task Do(string what, OperatorAct act)
    {
        var key = NewKey();
        if (what != "a key is created")
            await Keys.Add(key, Cancel);
        if (what.Contains("revoked key", StringComparison.Ordinal))
            await Keys.Revoke(key.Id, Now, Cancel);
        var job = JobStoreContract.NewJob();
        await Jobs.Add(job, null, Given.Rich, Cancel);
        var note = new AttentionNote(new FalRequestId("r"), job.Id, AttentionReason.UnknownJob, null, null, null, Now);
        await Attention.Add(note);
        switch (what)
        {
            case "a key is created":
                await Keys.Add(key, Cancel, act);
                break;
            case "a key is changed" or "a revoked key is changed":
                await Keys.Change(key.Id, before => before with { Name = "another" }, Now, Cancel, (_, _) => act);
                break;
            case "a key is changed into itself":
                await Keys.Change(key.Id, before => before, Now, Cancel, (before, after) => KeyDifferences.Between(before, after) is [] ? null : act);
                break;
            case "no key is changed":
                await Keys.Change("key_nobody", before => before, Now, Cancel, (_, _) => act);
                break;
            case "a key is rotated" or "a revoked key is rotated":
                await Keys.Rotate(key.Id, KeySecret.New().Hash, "kp_…", Now, Now, Cancel, act);
                break;
            case "a key is revoked":
                await Keys.Revoke(key.Id, Now, Cancel, act);
                break;
            case "no key is revoked":
                await Keys.Revoke("key_nobody", Now, Cancel, act);
                break;
            case "spending is frozen":
                await Ledger.Freeze(new Freeze(Now, One, ""), act);
                break;
            case "spending goes on":
                await Ledger.Unfreeze(act);
                break;
            case "a job is resolved":
                await Jobs.Change(job.Id, before => before.Dispatched(Now)!.Unanswered());
                await Jobs.Change(job.Id, before => before.Resolved(0, JobErrors.Resolved, Now), act: act);
                break;
            case "a job is resolved that needs nobody":
                await Jobs.Change(job.Id, before => before.Resolved(0, JobErrors.Resolved, Now), act: act);
                break;
            case "no job is resolved":
                await Jobs.Change(new JobId("job_none"), before => before, act: act);
                break;
            case "a note is seen":
                Assert.NotNull(await Attention.Acknowledge(job.Id, Now, act));
                break;
            default:
                await Attention.Acknowledge(job.Id, Now);
                Assert.Null(await Attention.Acknowledge(job.Id, Now, act));
                break;
        }
    }

    private static OperatorAct NewAct(CallerId by, string act) => new(OperatorAct.NewId(), Now, by, act, "spending", "why");

    private static ApiKey NewKey()
    {
        var secret = KeySecret.New();
        return new() { Id = ApiKey.NewId(), Name = "a key", Scopes = ["jobs"], Hash = secret.Hash, Hint = secret.Hint, CreatedAt = Now };
    }
}

public sealed class SqliteAuditTests() : AuditContract(Engine.Sqlite);

public sealed class PostgresAuditTests() : AuditContract(Engine.Postgres);
