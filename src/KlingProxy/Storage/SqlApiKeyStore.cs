using System.Data.Common;

using KlingProxy.Access;

namespace KlingProxy.Storage;

internal sealed class SqlApiKeyStore(ISqlDatabase database) : IApiKeyStore
{
    private const string Columns = "id, name, scopes, hash, hint, created_at, expires_at, revoked_at";

    public Task Add(ApiKey key, CancellationToken cancel) => database.Write(sql => sql.Execute(
        $"INSERT INTO api_keys ({Columns}) VALUES (@id, @name, @scopes, @hash, @hint, @created, @expires, NULL)",
        ("@id", key.Id), ("@name", key.Name), ("@scopes", string.Join(' ', key.Scopes)), ("@hash", Convert.ToHexStringLower(key.Hash)),
        ("@hint", key.Hint), ("@created", Column.Of(key.CreatedAt)), ("@expires", Column.Of(key.ExpiresAt))));

    public Task<ApiKey?> FindByHash(byte[] hash, CancellationToken cancel) => database.Read(async sql => (await sql.Query(
        $"SELECT {Columns} FROM api_keys WHERE hash = @hash", Key, ("@hash", Convert.ToHexStringLower(hash)))).FirstOrDefault());

    public Task<IReadOnlyList<ApiKey>> List(CancellationToken cancel) => database.Read(async sql => (IReadOnlyList<ApiKey>)await sql.Query(
        $"SELECT {Columns} FROM api_keys ORDER BY created_at DESC, id", Key));

    public Task<bool> Revoke(string id, DateTimeOffset now, CancellationToken cancel) => database.Write(async sql => await sql.Execute(
        "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, @now) WHERE id = @id", ("@now", Column.Of(now)), ("@id", id)) > 0);

    private static ApiKey Key(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2).Split(' '), Convert.FromHexString(row.GetString(3)), row.GetString(4),
        row.Time(5), row.TimeOrNull(6), row.TimeOrNull(7));
}
