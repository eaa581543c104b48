using System.Data.Common;

using KlingProxy.Access.Audit;
using KlingProxy.Access.Keys;
using KlingProxy.Http.Wire;
using KlingProxy.Storage.Live;

namespace KlingProxy.Storage.Stores;

internal sealed class SqlApiKeyStore(ISqlDatabase database, LiveState live) : IApiKeyStore
{
    private const string Columns =
        "id, name, scopes, origins, budget_per_day, budget_total, in_flight, requests_per_minute, hash, hint, former_hash, former_until, created_at, "
            + "expires_at, rotated_at, revoked_at";

    public Task Add(ApiKey key, CancellationToken cancel, OperatorAct? act = null) => database.Write(async sql =>
    {
        await sql.Execute(
            $"INSERT INTO api_keys ({Columns}) VALUES (@id, @name, @scopes, @origins, @perDay, @total, @inFlight, @perMinute, @hash, @hint, NULL, NULL, "
                + "@created, @expires, NULL, NULL)",
            [.. Terms(key), ("@id", key.Id), ("@hash", Convert.ToHexStringLower(key.Hash)), ("@hint", key.Hint), ("@created", Column.Of(key.CreatedAt))]);
        return await SqlAuditStore.Add(sql, act);
    });

    public Task<ApiKey?> Find(string id, CancellationToken cancel) => live.Keys.Find(id, () => database.Read(sql => Find(sql, id))).AsTask();

    public static async Task<ApiKey?> Find(SqlSession sql, string id) =>
        (await sql.Query($"SELECT {Columns} FROM api_keys WHERE id = @id", Key, ("@id", id))).FirstOrDefault();

    public async Task<ApiKey?> FindByHash(byte[] hash, CancellationToken cancel)
    {
        var text = Convert.ToHexStringLower(hash);
        if (await live.IdsByHash.Find(text, () => database.Read(sql => IdByHash(sql, text))) is not { } id)
            return null;
        if (await Find(id, cancel) is { } key && key.Had(hash))
            return key;
        // What is remembered may be from before a rotation by another replica, whose caller has the new secret sooner than we hear of it.
        return await database.Read(sql => Find(sql, id)) is { } now && now.Had(hash) ? now : null;
    }

    public Task<IReadOnlyList<ApiKey>> List(int limit, KeysetCursor? before, CancellationToken cancel) => database.Read(async sql =>
        (IReadOnlyList<ApiKey>)await sql.Query(
            $"SELECT {Columns} FROM api_keys WHERE (created_at, id) < (@at, @id) ORDER BY created_at DESC, id DESC LIMIT @limit", Key,
            ("@at", Column.Of(before?.At ?? DateTimeOffset.MaxValue)), ("@id", before?.Id ?? ""), ("@limit", (long)limit)));

    public Task<KeyChange?> Change(
        string id, Func<ApiKey, ApiKey> change, DateTimeOffset now, CancellationToken cancel, Func<ApiKey, ApiKey, OperatorAct?>? actOf = null) =>
        database.Write<KeyChange?>(async sql =>
        {
            if (await Find(sql, id) is not { } before)
                return null;
            if (!before.IsUsable(now))
                return new KeyChange(before, null, null);
            var after = change(before);
            sql.Wrote(live.Keys, id);
            await sql.Execute(
                """
                UPDATE api_keys SET name = @name, scopes = @scopes, origins = @origins, budget_per_day = @perDay, budget_total = @total, in_flight = @inFlight,
                    requests_per_minute = @perMinute, expires_at = @expires
                WHERE id = @id
                """,
                [.. Terms(after), ("@id", id)]);
            var act = actOf?.Invoke(before, after);
            await SqlAuditStore.Add(sql, act);
            return new KeyChange(before, after, act);
        });

    public Task<bool> Rotate(
        string id, byte[] hash, string hint, DateTimeOffset formerUntil, DateTimeOffset now, CancellationToken cancel, OperatorAct? act = null) =>
        Change(id, act, sql => sql.Execute(
        """
        UPDATE api_keys SET former_hash = hash, former_until = @until, hash = @hash, hint = @hint, rotated_at = @now
        WHERE id = @id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)
        """,
        ("@until", Column.Of(formerUntil)), ("@hash", Convert.ToHexStringLower(hash)), ("@hint", hint), ("@now", Column.Of(now)), ("@id", id)));

    public Task<bool> Revoke(string id, DateTimeOffset now, CancellationToken cancel, OperatorAct? act = null) => Change(id, act, sql => sql.Execute(
        "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, @now) WHERE id = @id", ("@now", Column.Of(now)), ("@id", id)));

    private Task<bool> Change(string id, OperatorAct? act, Func<SqlSession, Task<int>> change) => database.Write(async sql =>
    {
        sql.Wrote(live.Keys, id);
        if (await change(sql) == 0)
            return false;
        await SqlAuditStore.Add(sql, act);
        return true;
    });

    private static async Task<string?> IdByHash(SqlSession sql, string hash) => (await sql.Query(
        "SELECT id FROM api_keys WHERE hash = @hash UNION ALL SELECT id FROM api_keys WHERE former_hash = @hash", row => row.GetString(0), ("@hash", hash)))
        .FirstOrDefault();

    private static (string, object?)[] Terms(ApiKey key) =>
    [
        ("@name", key.Name), ("@scopes", string.Join(' ', key.Scopes)), ("@origins", string.Join(' ', key.Origins)),
        ("@perDay", Column.Of(key.Limits.BudgetPerDay)), ("@total", Column.Of(key.Limits.BudgetTotal)),
        ("@inFlight", (long?)key.Limits.InFlight), ("@perMinute", (long?)key.Limits.RequestsPerMinute), ("@expires", Column.Of(key.ExpiresAt)),
    ];

    private static ApiKey Key(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Name = row.GetString(1),
        Scopes = row.GetString(2).Split(' '),
        Origins = row.GetString(3).Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Limits = new KeyLimits(row.UsdOrNull(4), row.UsdOrNull(5), (int?)row.LongOrNull(6), (int?)row.LongOrNull(7)),
        Hash = Convert.FromHexString(row.GetString(8)),
        Hint = row.GetString(9),
        FormerHash = row.IsDBNull(10) ? null : Convert.FromHexString(row.GetString(10)),
        FormerUntil = row.TimeOrNull(11),
        CreatedAt = row.Time(12),
        ExpiresAt = row.TimeOrNull(13),
        RotatedAt = row.TimeOrNull(14),
        RevokedAt = row.TimeOrNull(15),
    };
}
