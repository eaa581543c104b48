using System.Security.Cryptography;

using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Spending;
using KlingProxy.Spending.Ledger;
using KlingProxy.Storage;
using KlingProxy.Storage.Live;
using KlingProxy.Storage.Stores;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Contracts;
using KlingProxy.Uploads;
using KlingProxy.Uploads.Keeping;
using KlingProxy.Uploads.Stores;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Storage.Plans;

/// <summary>Whatever stores are asked, each at least once, for the key that owns most, for one that owns little, and for a ticket.</summary>
internal sealed class EveryCall(ISqlDatabase database, GrownDatabase world)
{
    private static readonly DateTimeOffset Now = GrownDatabase.Now;
    private static readonly DateOnly Today = DateOnly.FromDateTime(Now.UtcDateTime);
    private static readonly CallerId Owner = GrownDatabase.Owner, Other = GrownDatabase.Other;

    private readonly FakeTimeProvider clock = new(Now);

    /// <summary>Remembers nothing: each call is to run its statements.</summary>
    private readonly LiveState live = new(new LiveTrust(TimeProvider.System));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IJobStore Jobs => new SqlJobStore(database, live, new JobSignals(clock), clock);

    private SqlAttentionStore Attention => new(database);

    private SqlLedger Ledger => new(database);

    private SqlApiKeyStore Keys => new(database, live);

    private SqlTicketStore Tickets => new(database, live);

    private SqlSecretStore Secrets => new(database);

    private SqlUploadStore Uploads => new(database);

    private SqlUploadUse Use => new(database);

    public async Task Make()
    {
        await Pages();
        await Entries();
        await Lives();
        await Repetitions();
        await NotesAndNews();
        await Access();
        await Images();
        await Acts();
        await new StorageHealth(database, clock).CheckHealthAsync(new(), Cancel);
    }

    private async Task Pages()
    {
        foreach (var caller in new[] { Owner, Other, GrownDatabase.TicketOf(world.Newest - 41) })
        {
            await Lists(caller);
        }
        await Lists(null);
        foreach (var place in new[] { null, world.PlaceOf(world.Middle) })
        {
            await Jobs.InAttention(11, place, Cancel);
            await Attention.Open(21, place, Cancel);
        }
        await Jobs.Find(GrownDatabase.JobOf(world.Newest), Cancel);
        await Jobs.FindNow(GrownDatabase.JobOf(world.Newest), Cancel);
        await Jobs.Events(GrownDatabase.JobOf(world.Middle), 0, Cancel);
        Assert.NotEmpty(await Jobs.TakeDue(Now, _ => Now.AddTicks(-1), 5, Cancel));
    }

    // Every combination of what a list can be asked for.
    private async Task Lists(CallerId? caller)
    {
        IReadOnlyList<JobStatus>[] statuses = [[], .. Enum.GetValues<JobStatus>().Select(status => new[] { status }), [JobStatus.Failed, JobStatus.InProgress], [.. Enum.GetValues<JobStatus>().Skip(1)]];
        foreach (var range in new[] { TimeRange.All, new TimeRange(Now.AddDays(-200), Now.AddDays(-170)), new TimeRange(Now.AddYears(1), Now.AddYears(2)) })
        {
            foreach (var wanted in statuses)
            {
                foreach (var place in new[] { null, world.PlaceOf(world.Middle), world.PlaceOf(1) })
                    await Jobs.List(new JobQuery(caller, range) { Statuses = wanted }, 20, place, Cancel);
            }
        }
        foreach (var wanted in statuses.Where(wanted => wanted.Count != 1))
            await Jobs.List(new JobQuery(caller, TimeRange.All) { Statuses = wanted, Model = "fal-ai/another" }, 20, null, Cancel);
    }

    private async Task Entries()
    {
        var (year, one) = ((From: Today.AddDays(-365), To: Today), (From: Today.AddDays(-200), To: Today.AddDays(-200)));
        foreach (var (from, to) in new[] { year, one })
        {
            foreach (var payer in new CallerId?[] { null, Owner, Other, new("key_nobody") })
            {
                await Ledger.Entries(new LedgerQuery(from, to, null, payer), 101, null, Cancel);
                await Ledger.Entries(new LedgerQuery(from, to, GrownDatabase.JobOf(world.Middle), payer), 101, null, Cancel);
                await Ledger.Entries(new LedgerQuery(from, to, null, payer), 101, world.PlaceOf(world.Middle) with { Part = nameof(LedgerKind.Hold) }, Cancel);
            }
            await Ledger.Settled(from, to, Cancel);
            await Ledger.Usage(from, to, Cancel);
        }
        foreach (var payer in new[] { Owner, Other })
            await Ledger.Committed(Given.Rich with { Id = payer, InTotal = 1_000_000 }, Now, Cancel);
        await Ledger.Gaps(one.From, one.To, Cancel);
        await Ledger.SettledGaps(one.From, one.To, Cancel);
        await Ledger.Freeze(new Freeze(Now, "operator", "why"));
        await Ledger.Frozen(Cancel);
        await Ledger.Unfreeze();
    }

    private async Task Lives()
    {
        var payer = Given.Rich with { Id = Owner };
        var ended = await Added(payer, new IdempotencyKey($"a{Guid.NewGuid():N}", [1]));
        await Jobs.Change(ended.Id, before => before.Dispatched(Now), Now, new Provided.MayLeave(null));
        await Jobs.Change(ended.Id, before => before.Accepted(new FalRequestId($"r-{ended.Id}"), 0), Now, Provided.RequestIsFree);
        await Jobs.Change(ended.Id, _ => null, Now);
        await Jobs.Change(ended.Id, before => before.Stopped(Now), before => before.Completed(new FalVideo("https://v3b.fal.media/a.mp4", null, null, null), 4, Now));
        Assert.True(await Jobs.Delete(ended.Id));

        var next = await Added(payer, null);
        await Jobs.Change(next.Id, before => before.Dispatched(Now.AddDays(1)), Now, new Provided.MayLeave(payer with { InTotal = 1_000_000 }));
        await Jobs.Change(next.Id, before => before.Unanswered());
        await Jobs.Change(next.Id, before => before.Resolved(0, JobErrors.Resolved, Now));
        await Jobs.Change(next.Id, before => before.Disputed(new FalRequestId($"r-{next.Id}"), Now), Now);
        await Jobs.Change(next.Id, before => before.Completed(new FalVideo("https://v3b.fal.media/a.mp4", null, null, null), 4, Now));
        Assert.True(await Jobs.Delete(next.Id));

        var declared = await Added(payer, null);
        await Jobs.Change(declared.Id, before => before.Accepted(new FalRequestId($"r-{declared.Id}"), 0)?.Flagged());
        await Jobs.Change(declared.Id, before => before.Resolved(0, JobErrors.Resolved, Now));
        Assert.True(await Jobs.Delete(declared.Id));
    }

    private async Task Repetitions()
    {
        var payer = Given.Rich with { Id = Owner };
        await Jobs.FindSame(Owner, new IdempotencyKey("k1", [1]), Cancel);
        foreach (var heard in Enum.GetValues<Heard>())
        {
            var body = new UnacknowledgedBody(Convert.FromHexString(GrownDatabase.Body), heard, id => !id.Value.StartsWith("job_0", StringComparison.Ordinal), Now);
            await Jobs.FindSame(Owner, body, Cancel);
            await Jobs.FindSame(Other, body, Cancel);
            var job = await Added(payer, body with { Fingerprint = RandomNumberGenerator.GetBytes(32) });
            await Jobs.Named(job.Id, Now.AddSeconds(1));
            await Jobs.AwaitEnd(job, body with { Heard = Heard.WhenEnded, Fingerprint = RandomNumberGenerator.GetBytes(32) });
            await Jobs.Unanswered(job.Id, Now.AddSeconds(1), TimeSpan.FromSeconds(10));
            await Jobs.Change(job.Id, before => heard == Heard.WhenEnded ? before.CanceledUnsent(Now) : before.Refused(JobErrors.Auth, Now));
            await Jobs.Answered(job.Id);
            Assert.True(await Jobs.Delete(job.Id));
        }
    }

    private async Task NotesAndNews()
    {
        var note = new AttentionNote(new FalRequestId($"r-{Guid.NewGuid():N}"), JobStoreContract.NewJob().Id, AttentionReason.UnknownJob, null, null, null, Now);
        await Attention.Add(note);
        await Attention.IsBooked(GrownDatabase.JobOf(world.Middle), new FalRequestId($"r-{world.Middle}"), Cancel);
        Assert.NotEmpty(await Attention.Of(note.JobId, Cancel));
        Assert.NotNull(await Attention.Acknowledge(note.JobId, Now));
        await Secrets.GetOrAdd("a secret", [1], Cancel);
        await Secrets.Find("a secret", Cancel);
    }

    private async Task Access()
    {
        var key = new ApiKey { Id = ApiKey.NewId(), Name = "a key", Scopes = ["jobs", "tickets"], Hash = RandomNumberGenerator.GetBytes(32), Hint = "kp_", CreatedAt = Now };
        await Keys.Add(key, Cancel);
        await Keys.Find(key.Id, Cancel);
        await Keys.FindByHash(key.Hash, Cancel);
        foreach (var place in new[] { null, new KeysetCursor(world.CreatedAt(1000), "key_") })
            await Keys.List(101, place, Cancel);
        Assert.NotNull((await Keys.Change(key.Id, before => before with { Name = "another" }, Now, Cancel))?.After);
        Assert.True(await Keys.Rotate(key.Id, RandomNumberGenerator.GetBytes(32), "kp_", Now, Now, Cancel));

        var ticket = new Ticket { Id = Ticket.NewId(), KeyId = key.Id, Hash = RandomNumberGenerator.GetBytes(32), MaxCost = 2.10m, Origin = "", CreatedAt = Now, ExpiresAt = Now.AddHours(1) };
        await Tickets.Add(ticket, Cancel);
        await Tickets.FindByHash(ticket.Hash, Cancel);
        Assert.Null(await new SqlCredentials(database, clock).End(new Credential.OneJob(ticket.Id), Scope.Jobs, Cancel));
        var job = await Added(Given.Rich with { Id = new CallerId(key.Id), Credential = new Credential.OneJob(ticket.Id) }, null, new CallerId(ticket.Id));
        await Jobs.Change(job.Id, before => before.Refused(JobErrors.Auth, Now)); // the ticket is given back
        await Keys.Revoke(key.Id, Now, Cancel);
    }

    private async Task Images()
    {
        var upload = new Upload(Upload.NewId(), Owner, $"https://v3b.fal.media/files/b/{Guid.NewGuid():N}/start.png", "image/png", 1920, 1080, 4_000_000, new string('a', 64), Now) { ReusableUntil = Now.AddDays(5) };
        await Uploads.Add(upload, Cancel);
        await Uploads.Find(Owner, upload.Id, Cancel);
        await Uploads.FindSame(Owner, upload.Sha256, Now, Cancel);
        await Uploads.FindSame(Other, upload.Sha256, Now, Cancel);
        await Uploads.Among(Owner, Other, [upload.Url, "https://example.com/a.png", $"https://proxy.example.com/fal/files/{upload.Id}/seal"], Cancel);
        await Uploads.Delete(Owner, upload.Id, Cancel);
        Assert.Null(await Use.Take(Owner, Today, 1, new UploadQuota(long.MaxValue, long.MaxValue)));
        await Use.Of(Owner, Today, Cancel);
        await Use.GiveBack(Owner, Today, 1);
    }

    private async Task Acts()
    {
        var act = new OperatorAct(OperatorAct.NewId(), Now, Owner, ActWords.SpendingFrozen, "spending", "");
        await Ledger.Freeze(new Freeze(Now, "operator", "why"), act);
        await new SqlAuditStore(database).About(GrownDatabase.JobOf(world.Middle), Cancel);
        await Ledger.Unfreeze(act with { Id = OperatorAct.NewId(), Act = ActWords.SpendingResumed });
        foreach (var range in new[] { TimeRange.All, new TimeRange(world.CreatedAt(world.Middle), world.CreatedAt(world.Middle).AddDays(30)), new TimeRange(Now.AddYears(-9), Now.AddYears(-8)) })
        {
            foreach (var by in new CallerId?[] { null, Owner, Other, new("operator") })
            {
                foreach (var word in new[] { null, ActWords.KeyChanged, ActWords.JobResolved, ActWords.KeyRotated })
                {
                    foreach (var place in new[] { null, new KeysetCursor(world.CreatedAt(world.Middle).AddDays(10), "act_"), new KeysetCursor(world.CreatedAt(1), "act_") })
                        await new SqlAuditStore(database).List(new AuditQuery(range, by, word), 101, place, Cancel);
                }
            }
        }
    }

    private async Task<Job> Added(Payer payer, RequestIdentity? identity, CallerId? caller = null)
    {
        var job = JobStoreContract.NewJob() with { CallerId = caller ?? payer.Id, PayerId = payer.Id, CreatedAt = Now };
        return Assert.IsType<JobAdded.New>(await Jobs.Add(job, identity, payer, Cancel)).Job;
    }
}
