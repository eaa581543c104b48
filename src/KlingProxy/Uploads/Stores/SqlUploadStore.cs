using System.Collections.Frozen;
using System.Data.Common;

using KlingProxy.Ids;
using KlingProxy.Orders;
using KlingProxy.Storage;

namespace KlingProxy.Uploads.Stores;

internal sealed class SqlUploadStore(ISqlDatabase database) : IUploadStore, IOwnImages
{
    private const string Columns = "id, caller_id, url, content_type, width, height, bytes, sha256, created_at, reusable_until";

    public Task<bool> Add(Upload upload, CancellationToken cancel) => database.Write(async sql => await sql.Execute(
        $"INSERT INTO uploads ({Columns}) VALUES (@id, @caller, @url, @type, @width, @height, @bytes, @sha256, @created, @reusable) "
            + "ON CONFLICT (id) DO NOTHING",
        ("@id", upload.Id), ("@caller", upload.CallerId), ("@url", upload.Url), ("@type", upload.ContentType),
        ("@width", (long)upload.Width), ("@height", (long)upload.Height), ("@bytes", upload.Bytes), ("@sha256", upload.Sha256),
        ("@created", Column.Of(upload.CreatedAt)),
        ("@reusable", Column.Of(upload.ReusableUntil))) > 0);

    public async Task<Upload?> Find(CallerId callerId, string id, CancellationToken cancel) =>
        await database.Read(sql => Find(sql, id)) is { } upload && upload.CallerId == callerId ? upload : null;

    public Task<Upload?> FindSame(CallerId callerId, string sha256, DateTimeOffset now, CancellationToken cancel) =>
        database.Read(async sql => (await sql.Query(
        $"SELECT {Columns} FROM uploads WHERE caller_id = @caller AND sha256 = @sha256 AND reusable_until > @now ORDER BY reusable_until DESC, id DESC LIMIT 1",
        Upload,
        ("@caller", callerId), ("@sha256", sha256), ("@now", Column.Of(now)))).FirstOrDefault());

    public Task<bool> Delete(CallerId callerId, string id, CancellationToken cancel) => database.Write(async sql =>
        await Find(sql, id) is { } upload && upload.CallerId == callerId && await sql.Execute("DELETE FROM uploads WHERE id = @id", ("@id", id)) > 0);

    // Each address on its own: what is read does not grow with what the caller has.
    public Task<IReadOnlyDictionary<string, string>> Among(CallerId callerId, CallerId payerId, IReadOnlyList<string> urls, CancellationToken cancel) =>
        urls.Count == 0 ? Task.FromResult<IReadOnlyDictionary<string, string>>(FrozenDictionary<string, string>.Empty) : database.Read(async sql =>
        {
            var kept = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var sent in urls.Distinct())
            {
                if (await Kept(sql, callerId, payerId, sent) is { } url)
                    kept.Add(sent, url);
            }
            return (IReadOnlyDictionary<string, string>)kept;
        });

    private static async Task<string?> Kept(SqlSession sql, CallerId callerId, CallerId payerId, string sent)
    {
        if (KlingProxy.Uploads.Upload.IdIn(sent) is { } id && await Find(sql, id) is { } upload && (upload.CallerId == callerId || upload.CallerId == payerId))
            return upload.Url;
        return await IsKept(sql, callerId, sent) || (payerId != callerId && await IsKept(sql, payerId, sent)) ? sent : null;
    }

    private static async Task<bool> IsKept(SqlSession sql, CallerId callerId, string url) => (await sql.Query(
        "SELECT 1 FROM uploads WHERE url = @url AND caller_id = @caller LIMIT 1", _ => true, ("@url", url), ("@caller", callerId))).Count > 0;

    private static async Task<Upload?> Find(SqlSession sql, string id) =>
        (await sql.Query($"SELECT {Columns} FROM uploads WHERE id = @id", Upload, ("@id", id))).FirstOrDefault();

    private static Upload Upload(DbDataReader row) => new(
        row.GetString(0), new CallerId(row.GetString(1)), row.GetString(2), row.GetString(3), (int)row.GetInt64(4), (int)row.GetInt64(5), row.GetInt64(6),
        row.GetString(7), row.Time(8))
    {
        ReusableUntil = row.TimeOrNull(9),
    };
}
