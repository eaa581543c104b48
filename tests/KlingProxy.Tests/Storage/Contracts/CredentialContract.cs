using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Spending;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>What every engine owes us about who may spend: it is asked in the transaction that records the job, at the time that it is then.</summary>
public abstract class CredentialContract(Engine engine) : StoreContract(engine)
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, string?> Cases => new()
    {
        // the key that was sent
        { "a key",                             null },
        { "a key revoked",                     "Over" },
        { "a key expired",                     "Over" },
        { "a key rotated away",                "Over" },
        { "a key rotated, with an overlap",    null },
        { "a key rotated, the overlap over",   "Over" },
        { "a key without the scope",           "OutOfScope" },
        { "a key forgotten",                   "Over" },
        { "a token",                           null },
        { "a token at its end",                "Over" },
        { "the settings' own",                 null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Money_is_spoken_for_only_with_a_credential_that_is_good_then(string what, string? end)
    {
        var (first, second) = (KeySecret.New(), KeySecret.New());
        var key = NewKey(first, what == "a key without the scope" ? "tickets" : "jobs") with { ExpiresAt = what == "a key expired" ? Now : null };
        if (what != "a key forgotten")
            await Keys.Add(key, Cancel);
        if (what == "a key revoked")
            await Keys.Revoke(key.Id, Now, Cancel);
        if (what.StartsWith("a key rotated", StringComparison.Ordinal))
            await Keys.Rotate(key.Id, second.Hash, second.Hint, Now.AddSeconds(what switch { "a key rotated, with an overlap" => 1, _ => 0 }), Now, Cancel);
        Credential credential = what switch
        {
            "a token" => new Credential.Token(Now.AddTicks(1)),
            "a token at its end" => new Credential.Token(Now),
            "the settings' own" => Credential.Lasting,
            _ => new Credential.Key(key.Id, first.Hash),
        };
        var job = JobStoreContract.NewJob() with { CallerId = new CallerId(key.Id) };

        var added = await Jobs.Add(job, new IdempotencyKey("a", [1]), Given.Rich with { Id = new CallerId(key.Id), Credential = credential }, Cancel);

        Assert.Equal((what, end), (what, (added as JobAdded.Refused)?.Reason is SpendingRefusal.NoCredential gone ? gone.End.ToString() : null));
        Assert.Equal(end, (await Credentials.End(credential, Scope.Jobs, Cancel))?.ToString());
        Assert.Equal(end is null, added is JobAdded.New);
        Assert.Equal(end is null, await Jobs.Find(job.Id, Cancel) is not null);
        Assert.Equal(end is null, await Jobs.FindSame(new CallerId(key.Id), new IdempotencyKey("a", [1]), Cancel) is not null);
    }

    public static TheoryData<string, string> TicketCases => new()
    {
        { "unspent",                     "" },
        { "expired",                     "NoCredential { End = Over }" },
        { "spent",                       "TicketSpent { }" },
        { "spent, and expired since",    "TicketSpent { }" },
        { "with its key revoked",        "NoCredential { End = Over }" },
        { "with its key expired",        "NoCredential { End = Over }" },
        { "with a key that mints none",  "NoCredential { End = OutOfScope }" },
        { "unknown",                     "NoCredential { End = Over }" },
    };

    [Theory]
    [MemberData(nameof(TicketCases))]
    public async Task A_ticket_pays_once_in_its_time_and_while_its_key_may_mint(string what, string refusal)
    {
        var key = NewKey(KeySecret.New(), what == "with a key that mints none" ? "jobs" : "tickets") with { ExpiresAt = what == "with its key expired" ? Now : null };
        await Keys.Add(key, Cancel);
        var ticket = NewTicket(key.Id) with { ExpiresAt = what switch { "expired" => Now, "spent, and expired since" => Clock.GetUtcNow().AddTicks(1), _ => Now.AddMinutes(1) } };
        if (what != "unknown")
            await Tickets.Add(ticket, Cancel);
        if (what.StartsWith("spent", StringComparison.Ordinal))
            Assert.IsType<JobAdded.New>(await Spend(ticket));
        if (what == "with its key revoked")
            await Keys.Revoke(key.Id, Now, Cancel);
        if (what == "spent, and expired since")
            Clock.Advance(TimeSpan.FromMilliseconds(1));

        var added = await Spend(ticket);

        Assert.Equal((what, refusal), (what, (added as JobAdded.Refused)?.Reason.ToString() ?? ""));
    }

    /// <summary>Its time is also looked at where it is spent, whatever its caller came with.</summary>
    [Fact]
    public async Task A_ticket_that_expires_before_it_is_spent_is_not_spent()
    {
        var ticket = NewTicket(ApiKey.NewId()) with { ExpiresAt = Now };
        await Tickets.Add(ticket, Cancel);

        var added = await Jobs.Add(JobStoreContract.NewJob() with { CallerId = new CallerId(ticket.Id), PayerId = new CallerId(ticket.KeyId) }, null, Given.Rich with { Id = new CallerId(ticket.KeyId) }, Cancel);

        Assert.IsType<SpendingRefusal.TicketSpent>(Assert.IsType<JobAdded.Refused>(added).Reason);
    }

    [Theory]
    [InlineData("refused by fal", true)]
    [InlineData("too late to be sent", true)]
    [InlineData("canceled before it was sent", true)]
    [InlineData("failed at fal", false)]
    [InlineData("declared to have cost nothing", false)]
    public async Task A_ticket_is_given_back_only_where_fal_never_had_its_job(string how, bool isFree)
    {
        var key = NewKey(KeySecret.New(), "tickets");
        await Keys.Add(key, Cancel);
        var ticket = NewTicket(key.Id);
        await Tickets.Add(ticket, Cancel);
        var job = Assert.IsType<JobAdded.New>(await Spend(ticket)).Job;

        await JobStoreContract.End(Jobs, job.Id, how);

        Assert.Equal((how, isFree), (how, await Spend(ticket) is JobAdded.New));
    }

    private Task<JobAdded> Spend(Ticket ticket) => Jobs.Add(
        JobStoreContract.NewJob() with { CallerId = new CallerId(ticket.Id), PayerId = new CallerId(ticket.KeyId) }, null, Given.Rich with { Id = new CallerId(ticket.KeyId), Credential = new Credential.OneJob(ticket.Id) }, Cancel);

    private static ApiKey NewKey(KeySecret secret, string scope) => new()
    {
        Id = ApiKey.NewId(),
        Name = "a key",
        Scopes = [scope],
        Hash = secret.Hash,
        Hint = secret.Hint,
        CreatedAt = Now,
    };

    private static Ticket NewTicket(string keyId) => new()
    {
        Id = Ticket.NewId(),
        KeyId = keyId,
        Hash = KeySecret.New(Ticket.Prefix).Hash,
        MaxCost = 5,
        Origin = "https://app.example.com",
        CreatedAt = Now,
        ExpiresAt = Now.AddMinutes(1),
    };
}

public sealed class SqliteCredentialTests() : CredentialContract(Engine.Sqlite);

public sealed class PostgresCredentialTests() : CredentialContract(Engine.Postgres);
