using System.Data.Common;

using KlingProxy.Access.Tickets;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Storage.Live;

namespace KlingProxy.Storage.Stores;

internal sealed class SqlTicketStore(ISqlDatabase database, LiveState live) : ITicketStore
{
    private const string Columns = "id, key_id, hash, max_cost, origin, created_at, expires_at, job_id";

    /// <summary>Long after the last link to a ticket's job has ended.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    /// <summary>Old ones that a new one takes with it: more than one, so that they become fewer, and few, so that nobody waits for others' tickets.</summary>
    private const long Swept = 8;

    public Task Add(Ticket ticket, CancellationToken cancel) => database.Write(async sql =>
    {
        await Sweep(sql, live, ticket.CreatedAt - Memory);
        return await sql.Execute(
            $"INSERT INTO tickets ({Columns}) VALUES (@id, @key, @hash, @cost, @origin, @created, @expires, NULL)",
            ("@id", ticket.Id), ("@key", ticket.KeyId), ("@hash", Convert.ToHexStringLower(ticket.Hash)), ("@cost", Column.Of(ticket.MaxCost)),
            ("@origin", ticket.Origin),
            ("@created", Column.Of(ticket.CreatedAt)), ("@expires", Column.Of(ticket.ExpiresAt)));
    });

    public async Task<Ticket?> FindByHash(byte[] hash, CancellationToken cancel)
    {
        var text = Convert.ToHexStringLower(hash);
        return await live.IdsByHash.Find(text, () => database.Read(sql => IdByHash(sql, text))) is { } id
            ? await live.Tickets.Find(id, () => database.Read(sql => Find(sql, id)))
            : null;
    }

    public static async Task<Ticket?> Find(SqlSession sql, string id) =>
        (await sql.Query($"SELECT {Columns} FROM tickets WHERE id = @id", Ticket, ("@id", id))).FirstOrDefault();

    /// <summary>In the transaction that records the job. Found by its id alone: "+ 0" keeps the index of ends out of it.</summary>
    /// <returns>Whether it was unspent, and had not expired meanwhile.</returns>
    public static async Task<bool> Spend(SqlSession sql, LiveState live, string id, JobId jobId, DateTimeOffset now)
    {
        sql.Wrote(live.Tickets, id);
        return await sql.Execute("UPDATE tickets SET job_id = @job WHERE id = @id AND job_id IS NULL AND expires_at + 0 > @now",
            ("@job", jobId), ("@id", id), ("@now", Column.Of(now))) > 0;
    }

    /// <summary>fal never took the job: the ticket has paid for nothing.</summary>
    public static Task<int> GiveBack(SqlSession sql, LiveState live, Job job)
    {
        sql.Wrote(live.Tickets, job.CallerId.Value); // whoever comes with a ticket is called by it
        return sql.Execute("UPDATE tickets SET job_id = NULL WHERE job_id = @job", ("@job", job.Id));
    }

    private static async Task<string?> IdByHash(SqlSession sql, string hash) =>
        (await sql.Query("SELECT id FROM tickets WHERE hash = @hash", row => row.GetString(0), ("@hash", hash))).FirstOrDefault();

    private static async Task Sweep(SqlSession sql, LiveState live, DateTimeOffset old)
    {
        foreach (var id in await sql.Query("SELECT id FROM tickets WHERE expires_at < @old ORDER BY expires_at LIMIT @limit", row => row.GetString(0),
            ("@old", Column.Of(old)), ("@limit", Swept)))
        {
            sql.Wrote(live.Tickets, id);
            await sql.Execute("DELETE FROM tickets WHERE id = @id", ("@id", id));
        }
    }

    private static Ticket Ticket(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        KeyId = row.GetString(1),
        Hash = Convert.FromHexString(row.GetString(2)),
        MaxCost = row.Usd(3),
        Origin = row.GetString(4),
        CreatedAt = row.Time(5),
        ExpiresAt = row.Time(6),
        JobId = row.IsDBNull(7) ? null : new JobId(row.GetString(7)),
    };
}
