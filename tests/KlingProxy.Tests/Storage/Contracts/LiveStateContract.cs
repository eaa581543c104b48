using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Storage.Live;
using KlingProxy.Storage.Postgres;
using KlingProxy.Storage.Stores;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Postgres;

using Microsoft.Extensions.Logging.Abstractions;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>What is remembered is what the database has, whatever happened in whichever order; and nobody who was told of a write sees what was before.</summary>
public abstract class LiveStateContract(Engine engine) : StoreContract(engine)
{
    private const int Rows = 12, Steps = 150;

    [Fact]
    public async Task Whoever_was_told_of_a_change_sees_it_and_in_the_end_all_agrees_with_the_database()
    {
        var ids = new List<JobId>();
        for (var number = 0; number < Rows; number++)
            ids.Add(Assert.IsType<JobAdded.New>(await Jobs.Add(JobStoreContract.NewJob(), null, Given.Rich, Cancel)).Job.Id);
        var told = new ConcurrentDictionary<JobId, long>();
        using var isDone = new CancellationTokenSource();

        var readers = Enumerable.Range(0, 3).Select(seed => Task.Run(() => Look(new Random(seed), ids, told, isDone.Token))).ToList();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() => Disturb(new Random(100 + seed), ids, told)))).Within();
        await isDone.CancelAsync();
        await Task.WhenAll(readers).Within();

        await HearAll();
        foreach (var id in ids.Take(Rows / 2)) // the others are as the last of all reads left them
            await Jobs.Find(id, Cancel);
        var kept = ids.Select(id => (Id: id, Live.Jobs.Kept(id.Value)?.Job)).Where(row => row.Job is not null).ToList();
        Assert.NotEmpty(kept);
        foreach (var (id, job) in kept)
            Assert.Equal(JobDocument.Text((await Database.Read(sql => JobRows.Find(sql, id)))!), JobDocument.Text(job!));
    }

    [Fact]
    public async Task Whoever_asks_for_a_job_as_it_is_now_sees_what_was_not_announced_yet()
    {
        var id = Assert.IsType<JobAdded.New>(await Jobs.Add(JobStoreContract.NewJob(), null, Given.Rich, Cancel)).Job.Id;
        await Jobs.Find(id, Cancel);

        IJobStore other = new SqlJobStore(Database, new LiveState(LiveTrust.OfOwner), new JobSignals(Clock), Clock);
        await other.Change(id, Further);

        Assert.Equal(1, (await Jobs.FindNow(id, Cancel))!.QueuePosition);
        Assert.Null(await Jobs.FindNow(new JobId("job_none"), Cancel));
    }

    [Fact]
    public async Task A_revoked_key_and_a_spent_ticket_are_remembered_as_what_they_are()
    {
        var key = NewKey();
        await Keys.Add(key, Cancel);
        var ticket = new Ticket
        {
            Id = Ticket.NewId(),
            KeyId = key.Id,
            Hash = RandomNumberGenerator.GetBytes(32),
            MaxCost = 10,
            Origin = "https://app.example",
            CreatedAt = Clock.GetUtcNow(),
            ExpiresAt = Clock.GetUtcNow().AddHours(1),
        };
        await Tickets.Add(ticket, Cancel);
        Assert.NotNull(await Keys.FindByHash(key.Hash, Cancel));
        Assert.Null((await Tickets.FindByHash(ticket.Hash, Cancel))!.JobId);
        Assert.NotNull(Live.Keys.Kept(key.Id));

        var job = JobStoreContract.NewJob() with { CallerId = new CallerId(ticket.Id), PayerId = new CallerId(key.Id) };
        var added = await Jobs.Add(job, null, Given.Rich with { Credential = new Credential.OneJob(ticket.Id) }, Cancel);
        var spent = await Tickets.FindByHash(ticket.Hash, Cancel);
        await Jobs.Change(job.Id, unsent => unsent.CanceledUnsent(Clock.GetUtcNow()));
        var given = await Tickets.FindByHash(ticket.Hash, Cancel);
        var secret = RandomNumberGenerator.GetBytes(32);
        await Keys.Rotate(key.Id, secret, "kp_…", Clock.GetUtcNow().AddMinutes(1), Clock.GetUtcNow(), Cancel);
        var rotated = await Keys.FindByHash(key.Hash, Cancel);
        await Keys.Rotate(key.Id, RandomNumberGenerator.GetBytes(32), "kp_…", Clock.GetUtcNow().AddMinutes(1), Clock.GetUtcNow(), Cancel);
        var twice = await Keys.FindByHash(key.Hash, Cancel);
        await Keys.Revoke(key.Id, Clock.GetUtcNow(), Cancel);
        var revoked = await Keys.FindByHash(secret, Cancel);

        Assert.IsType<JobAdded.New>(added);
        Assert.Equal((job.Id, null), (spent!.JobId, given!.JobId));
        Assert.Equal(key.Hash, rotated!.FormerHash);
        Assert.Null(twice); // the key is there, and this secret is no longer of it
        Assert.NotNull(revoked!.RevokedAt);
    }

    private protected ApiKey NewKey() => new()
    {
        Id = ApiKey.NewId(),
        Name = "k",
        Scopes = [Scope.Jobs, Scope.Tickets],
        Hash = RandomNumberGenerator.GetBytes(32),
        Hint = "kp_…",
        CreatedAt = Clock.GetUtcNow(),
    };

    /// <summary>Waits until this process has heard of all that others wrote, and remembers jobs again.</summary>
    private protected virtual Task HearAll() => Task.CompletedTask;

    /// <summary>What ends writes of this engine, and reads, at any of their lines.</summary>
    private protected virtual Task Kill() => Task.CompletedTask;

    /// <summary>Another process that writes to the same database, where that can be.</summary>
    private protected virtual IJobStore? Elsewhere => null;

    private async Task Look(Random random, List<JobId> ids, ConcurrentDictionary<JobId, long> told, CancellationToken isDone)
    {
        while (!isDone.IsCancellationRequested)
        {
            var id = ids[random.Next(Rows)];
            var known = told.GetValueOrDefault(id);
            try
            {
                var job = await Jobs.Find(id, Cancel);
                Assert.True(job!.QueuePosition.GetValueOrDefault() >= known, $"{id}: told of {known}, read {job.QueuePosition}");
                await Jobs.Named(id, Clock.GetUtcNow());
            }
            catch (DbException)
            {
                // Killed.
            }
        }
    }

    private async Task Disturb(Random random, List<JobId> ids, ConcurrentDictionary<JobId, long> told)
    {
        for (var step = 0; step < Steps; step++)
        {
            var (what, id) = (random.Next(10), ids[random.Next(Rows)]);
            try
            {
                if (what == 0)
                    await FailToWrite(id);
                else if (what == 1)
                    await Jobs.Unanswered(id, Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
                else if (what == 2)
                    await Kill();
                else if (what <= 5 && Elsewhere is { } other)
                    await other.Change(id, Further);
                else
                    told.AddOrUpdate(id, (await Jobs.Change(id, Further))!.Job.QueuePosition!.Value, (_, before) => Math.Max(before, told[id]));
            }
            catch (DbException)
            {
                // Killed. Whether its commit stands only the database knows.
            }
        }
    }

    private static Job Further(Job job) => job with { QueuePosition = job.QueuePosition.GetValueOrDefault() + 1 };

    private Task FailToWrite(JobId id) => Assert.ThrowsAnyAsync<Exception>(() => Database.Write<int>(async sql =>
    {
        sql.Wrote(Live.Jobs, id.Value, new LiveJob("{}")); // of a write that does not stand nobody may believe a word
        await sql.Execute("UPDATE jobs SET document = '{}' WHERE id = @id", ("@id", id));
        throw new InvalidOperationException("Broken.");
    }));
}

public sealed class SqliteLiveStateTests() : LiveStateContract(Engine.Sqlite)
{
    [Fact]
    public async Task A_write_that_fails_changes_nothing_that_is_remembered()
    {
        var id = Assert.IsType<JobAdded.New>(await Jobs.Add(JobStoreContract.NewJob(), null, Given.Rich, Cancel)).Job.Id;
        var before = await Jobs.Find(id, Cancel);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Jobs.Change(id, job => throw new InvalidOperationException("Broken.")));

        Assert.Same(before, await Jobs.Find(id, Cancel)); // not even read again
    }
}

/// <summary>Beside another process, and with connections that end at any moment, but for the one that hears.</summary>
public sealed class PostgresLiveStateTests() : LiveStateContract(Engine.Postgres)
{
    private readonly LiveTrust trust = new(TimeProvider.System);
    private PostgresAnnouncements announcements = null!;
    private PostgresDatabase elsewhere = null!, killer = null!;
    private JobId marker;

    private protected override IJobStore Elsewhere => new SqlJobStore(elsewhere, new LiveState(LiveTrust.OfOwner), new JobSignals(Clock), Clock);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Live = new LiveState(trust);
        (elsewhere, killer) = (new PostgresDatabase(Connection, TimeProvider.System), new PostgresDatabase(Connection, TimeProvider.System));
        announcements = new PostgresAnnouncements(
            (PostgresDatabase)Database, new JobSignals(Clock), Live, trust, TimeProvider.System, NullLogger<PostgresAnnouncements>.Instance);
        await announcements.StartAsync(Cancel);
        await Eventually(() => Task.FromResult(trust.Holds), "the server was heard");
        marker = Assert.IsType<JobAdded.New>(await Jobs.Add(JobStoreContract.NewJob(), null, Given.Rich, Cancel)).Job.Id;
    }

    public override async ValueTask DisposeAsync()
    {
        await announcements.StopAsync(CancellationToken.None);
        announcements.Dispose();
        await elsewhere.DisposeAsync();
        await killer.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task What_another_process_wrote_is_heard()
    {
        var key = NewKey();
        await Keys.Add(key, Cancel);
        await Eventually(async () => await Keys.FindByHash(key.Hash, Cancel) is { RevokedAt: null } && Live.Keys.Kept(key.Id) is not null, "the key was remembered");

        await new SqlApiKeyStore(elsewhere, new LiveState(LiveTrust.OfOwner)).Revoke(key.Id, Clock.GetUtcNow(), Cancel);
        await Eventually(async () => await Keys.FindByHash(key.Hash, Cancel) is { RevokedAt: not null }, "the revocation was heard");
        Assert.True(trust.Holds);
    }

    [Fact]
    public async Task That_a_name_was_used_is_forgotten_when_another_process_takes_it_back()
    {
        var now = Clock.GetUtcNow();
        var body = new UnacknowledgedBody([1], Heard.WhenNamed, _ => false, now);
        var id = Assert.IsType<JobAdded.New>(await Jobs.Add(JobStoreContract.NewJob() with { CreatedAt = now }, body, Given.Rich, Cancel)).Job.Id;
        await Eventually(
            async () =>
            {
                await Jobs.Find(id, Cancel);
                await Jobs.Named(id, now.AddSeconds(1));
                return Live.Jobs.Kept(id.Value) is { IsNamed: true };
            },
            "its name was remembered as used");

        await Elsewhere.Unanswered(id, now, TimeSpan.FromMinutes(1)); // its answer is older than that use, and is written down later

        await Eventually(() => Task.FromResult(Live.Jobs.Kept(id.Value) is not { IsNamed: true }), "it was heard of");
    }

    [Fact]
    public async Task Nothing_is_believed_while_nobody_is_heard_and_what_was_remembered_before_is_forgotten()
    {
        await Eventually(async () => await Jobs.Find(marker, Cancel) is not null && Live.Jobs.Kept(marker.Value) is not null, "the job was remembered");

        await Terminate("query = 'SELECT pg_backend_pid()'"); // the one that listens
        await Eventually(() => Task.FromResult(!trust.Holds), "it was noticed");
        await Elsewhere.Change(marker, job => job with { QueuePosition = 7 });

        Assert.Equal(7, (await Jobs.Find(marker, Cancel))!.QueuePosition);
        Assert.Null(Live.Jobs.Kept(marker.Value));
    }

    [Fact]
    public async Task Nothing_is_believed_behind_a_pooler_that_answers_and_passes_no_announcements()
    {
        await using var pooler = new PoolerWire(Connection);
        await using var pooled = new PostgresDatabase(pooler.Connection, TimeProvider.System);
        var believed = new LiveTrust(TimeProvider.System);
        using var behind = new PostgresAnnouncements(
            pooled, new JobSignals(Clock), new LiveState(believed), believed, TimeProvider.System, NullLogger<PostgresAnnouncements>.Instance);

        await behind.StartAsync(Cancel);
        await Eventually(() => Task.FromResult(pooler.Questions >= 2), "the first question was answered"); // the second comes after it
        Assert.False(believed.Holds);
        await behind.StopAsync(Cancel);
    }

    // In the order of the commits: who has heard of the last has heard of all.
    private protected override async Task HearAll()
    {
        await Eventually(async () => await Jobs.Find(marker, Cancel) is not null && Live.Jobs.Kept(marker.Value) is not null, "the last job was remembered");
        await Elsewhere.Change(marker, job => job with { QueuePosition = 7 });
        await Eventually(async () => (await Jobs.Find(marker, Cancel))!.QueuePosition == 7 && trust.Holds, "all was heard");
    }

    private protected override Task Kill() => Terminate("query <> 'SELECT pg_backend_pid()' AND random() < 0.5");

    private Task Terminate(string which) => killer.Read(sql => sql.Query(
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND {which}", _ => 0));

    private Task Eventually(Func<Task<bool>> itIsSo, string what) =>
        Patience.Until(itIsSo, () => elsewhere.Read(sql => sql.Query("SELECT 2", _ => 0)), what);
}
