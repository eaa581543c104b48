using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Spending.Ledger;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Jobs;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>A store does all that a move means, and nothing that <see cref="JobEnding"/> does not say.</summary>
public abstract class JobEndingContract(Engine engine) : StoreContract(engine)
{
    public static TheoryData<string> Names => JobEndingTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Does_what_an_end_means_and_nothing_else(string what)
    {
        var (example, move, _, _, _) = JobEndingTests.Ends[what];
        var (before, ticket) = await Recorded(example);
        var moved = move(before)!;
        var ending = JobEnding.Consequences(before, moved);
        var held = await Entries(before);

        await Jobs.Change(before.Id, move);

        Assert.Equal(held.Concat(ending.Entries).OrderBy(entry => entry.Kind), await Entries(before));
        Assert.Equal(ending.FreesKey, await Jobs.FindSame(before.CallerId, Key, Cancel) is null);
        Assert.Equal(ending.FreesTicket ? null : before.Id, (await Tickets.FindByHash(ticket.Hash, Cancel))?.JobId);
        Assert.Equal(ending.FreesKey ? [] : [ending.GraceFrom + UnacknowledgedBody.Grace ?? before.CreatedAt], await AwaitedUntil(before));
    }

    [Fact]
    public async Task Moves_the_hold_to_the_day_of_the_send_and_nothing_else()
    {
        var (before, _) = await Recorded(JobEndingTests.Waiting);
        var hold = Assert.Single(await Entries(before));

        await Jobs.Change(before.Id, job => job.Dispatched(JobEndingTests.Now.AddDays(1)));

        Assert.Equal(hold with { Day = hold.Day.AddDays(1) }, Assert.Single(await Entries(before)));
    }

    // With a key, a ticket that paid for it, and somebody who waits for its end.
    private async Task<(Job Job, Ticket Ticket)> Recorded(Job example)
    {
        var (now, secret) = (Clock.GetUtcNow(), KeySecret.New());
        var key = new ApiKey { Id = ApiKey.NewId(), Name = "a server", Scopes = ["tickets"], Hash = secret.Hash, Hint = secret.Hint, CreatedAt = now };
        var ticket = new Ticket
        {
            Id = Ticket.NewId(),
            KeyId = key.Id,
            Hash = KeySecret.New().Hash,
            MaxCost = 10,
            Origin = "https://app.example.com",
            CreatedAt = now,
            ExpiresAt = now.AddMinutes(10),
        };
        await Keys.Add(key, Cancel);
        await Tickets.Add(ticket, Cancel);
        var job = example with { CallerId = new CallerId(ticket.Id), PayerId = new CallerId(key.Id) };

        Assert.IsType<JobAdded.New>(await Jobs.Add(job, Key, Given.Rich with { Id = new CallerId(key.Id), Credential = new Credential.OneJob(ticket.Id) }, Cancel));
        await Database.Write(sql => sql.Execute(
            "INSERT INTO unanswered (job_id, caller_id, fingerprint, until, until_end) VALUES (@job, @caller, '00', @until, 1)",
            ("@job", job.Id), ("@caller", job.CallerId), ("@until", job.CreatedAt.UtcTicks)));
        return ((await Jobs.Find(job.Id, Cancel))!, ticket);
    }

    private static IdempotencyKey Key => new("a", [1]);

    private async Task<IEnumerable<LedgerEntry>> Entries(Job job) =>
        (await Ledger.Entries(new LedgerQuery(DateOnly.MinValue, DateOnly.MaxValue, job.Id, null), 100, null, Cancel)).OrderBy(entry => entry.Kind);

    private async Task<List<DateTimeOffset>> AwaitedUntil(Job job) => await Database.Read(sql => sql.Query(
        "SELECT until FROM unanswered WHERE job_id = @job", row => new DateTimeOffset(row.GetInt64(0), TimeSpan.Zero), ("@job", job.Id)));
}

public sealed class SqliteJobEndingTests() : JobEndingContract(Engine.Sqlite);

public sealed class PostgresJobEndingTests() : JobEndingContract(Engine.Postgres);
