using System.Security.Cryptography;

using KlingProxy.Access;
using KlingProxy.Budget;
using KlingProxy.Jobs;

namespace KlingProxy.Tests.Storage;

/// <summary>Every fact that a store of tickets owes us; they are spent by the store of jobs.</summary>
public abstract class TicketStoreContract(Engine engine) : StoreContract(engine)
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Keeps_a_ticket_as_it_was_given()
    {
        var ticket = await Minted();

        Assert.Equivalent(ticket, await Tickets.FindByHash(ticket.Hash, Cancel), strict: true);
        Assert.Null(await Tickets.FindByHash(RandomNumberGenerator.GetBytes(32), Cancel));
    }

    [Fact]
    public async Task Forgets_what_expired_long_ago_when_another_is_minted()
    {
        var old = await Minted();

        await Tickets.Add(NewTicket() with { CreatedAt = old.ExpiresAt.AddDays(30) }, Cancel);
        Assert.NotNull(await Tickets.FindByHash(old.Hash, Cancel));
        await Tickets.Add(NewTicket() with { CreatedAt = old.ExpiresAt.AddDays(30).AddSeconds(1) }, Cancel);

        Assert.Null(await Tickets.FindByHash(old.Hash, Cancel));
    }

    [Fact]
    public async Task Pays_for_one_job_however_many_come_at_once()
    {
        var ticket = await Minted();

        var added = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Ordered(ticket, Now))));

        var job = Assert.Single(added.OfType<JobAdded.New>()).Job;
        Assert.All(added.OfType<JobAdded.Refused>(), refused => Assert.IsType<SpendingRefusal.TicketSpent>(refused.Reason));
        Assert.Equal(job.Id, (await Tickets.FindByHash(ticket.Hash, Cancel))?.JobId);
    }

    [Fact]
    public async Task Pays_for_nothing_from_the_moment_at_which_it_expires()
    {
        var ticket = await Minted();

        Assert.IsType<JobAdded.Refused>(await Ordered(ticket, ticket.ExpiresAt));
        Assert.IsType<JobAdded.New>(await Ordered(ticket, ticket.ExpiresAt.AddTicks(-1)));
    }

    [Fact]
    public async Task Is_given_back_when_fal_never_took_its_job_and_stays_spent_when_it_did()
    {
        var (unsent, taken) = (await Minted(), await Minted());
        var (one, other) = (Assert.IsType<JobAdded.New>(await Ordered(unsent, Now)).Job, Assert.IsType<JobAdded.New>(await Ordered(taken, Now)).Job);

        await Jobs.Change(one.Id, before => before.CanceledUnsent(Now));
        await Jobs.Change(other.Id, before => before.Accepted($"r-{other.Id}", 0));
        await Jobs.Change(other.Id, before => before.Stopped(Now)?.EndedWithout(JobStatus.Failed, new JobError("model-rejected", "No.", null, []), 0, Now));

        Assert.Null((await Tickets.FindByHash(unsent.Hash, Cancel))!.JobId);
        Assert.Equal(other.Id, (await Tickets.FindByHash(taken.Hash, Cancel))!.JobId);
        Assert.IsType<JobAdded.New>(await Ordered(unsent, Now));
        Assert.IsType<JobAdded.Refused>(await Ordered(taken, Now));
    }

    private Task<JobAdded> Ordered(Ticket ticket, DateTimeOffset at) =>
        Jobs.Add(JobStoreContract.NewJob() with { CallerId = ticket.Id, PayerId = ticket.KeyId, CreatedAt = at }, null, Given.Rich with { Id = ticket.KeyId }, Cancel);

    private async Task<Ticket> Minted()
    {
        var (key, ticket) = (NewKey(), NewTicket());
        await Keys.Add(key, Cancel); // a ticket ends with the key that minted it
        ticket = ticket with { KeyId = key.Id };
        await Tickets.Add(ticket, Cancel);
        return ticket;
    }

    private static ApiKey NewKey()
    {
        var secret = KeySecret.New();
        return new() { Id = ApiKey.NewId(), Name = "a server", Scopes = ["tickets"], Hash = secret.Hash, Hint = secret.Hint, CreatedAt = Now };
    }

    private static Ticket NewTicket() => new()
    {
        Id = Ticket.NewId(),
        KeyId = "key_of_a_server",
        Hash = RandomNumberGenerator.GetBytes(32),
        MaxCost = 6.300001m,
        Origin = "https://app.example.com",
        CreatedAt = Now,
        ExpiresAt = Now.AddMinutes(10),
    };
}

public sealed class SqliteTicketStoreTests() : TicketStoreContract(Engine.Sqlite);

public sealed class PostgresTicketStoreTests() : TicketStoreContract(Engine.Postgres);
