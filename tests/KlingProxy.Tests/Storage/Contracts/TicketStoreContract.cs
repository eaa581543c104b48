using System.Security.Cryptography;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Spending;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>Every fact that a store of tickets owes us; what they pay for is <see cref="CredentialContract"/>'s.</summary>
public abstract class TicketStoreContract(Engine engine) : StoreContract(engine)
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

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
    public async Task Forgets_a_few_of_many_at_a_time_and_all_in_the_end()
    {
        var old = new List<Ticket>();
        for (var number = 0; number < 20; number++)
            old.Add(await Minted());
        async Task<int> Left() => (await Task.WhenAll(old.Select(ticket => Tickets.FindByHash(ticket.Hash, Cancel)))).Count(found => found is not null);

        var left = new List<int>();
        for (var minted = 0; minted < 3; minted++)
        {
            await Tickets.Add(NewTicket() with { CreatedAt = old[0].ExpiresAt.AddDays(31), ExpiresAt = old[0].ExpiresAt.AddDays(32) }, Cancel);
            left.Add(await Left());
        }

        Assert.Equal([12, 4, 0], left);
    }

    [Fact]
    public async Task Pays_for_one_job_however_many_come_at_once()
    {
        var ticket = await Minted();

        var added = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Ordered(ticket))));

        var job = Assert.Single(added.OfType<JobAdded.New>()).Job;
        Assert.All(added.OfType<JobAdded.Refused>(), refused => Assert.IsType<SpendingRefusal.TicketSpent>(refused.Reason));
        Assert.Equal(job.Id, (await Tickets.FindByHash(ticket.Hash, Cancel))?.JobId);
    }

    private Task<JobAdded> Ordered(Ticket ticket) => Jobs.Add(
        JobStoreContract.NewJob() with { CallerId = new CallerId(ticket.Id), PayerId = new CallerId(ticket.KeyId) }, null, Given.Rich with { Id = new CallerId(ticket.KeyId), Credential = new Credential.OneJob(ticket.Id) }, Cancel);

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
