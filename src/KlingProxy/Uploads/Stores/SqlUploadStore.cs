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

    public Task<Upload?> Find(CallerId callerId, string id, CancellationToken cancel) => database.Read(async sql => (await sql.Query(
        $"SELECT {Columns} FROM uploads WHERE id = @id AND caller_id = @caller", Upload, ("@id", id), ("@caller", callerId))).FirstOrDefault());

    public Task<Upload?> FindSame(CallerId callerId, string sha256, DateTimeOffset now, CancellationToken cancel) =>
        database.Read(async sql => (await sql.Query(
        $"SELECT {Columns} FROM uploads WHERE caller_id = @caller AND sha256 = @sha256 AND reusable_until > @now ORDER BY reusable_until DESC, id LIMIT 1",
        Upload,
        ("@caller", callerId), ("@sha256", sha256), ("@now", Column.Of(now)))).FirstOrDefault());

    public Task<bool> Delete(CallerId callerId, string id, CancellationToken cancel) => database.Write(async sql => await sql.Execute(
        "DELETE FROM uploads WHERE id = @id AND caller_id = @caller", ("@id", id), ("@caller", callerId)) > 0);

    public async Task<IReadOnlyDictionary<string, string>> Among(CallerId callerId, CallerId payerId, IReadOnlyList<string> urls, CancellationToken cancel)
    {
        if (urls.Count == 0)
            return new Dictionary<string, string>();

        var names = urls.Select((_, index) => $"@url{index}").ToList();
        var ids = urls.Select((_, index) => $"@id{index}").ToList();
        var own = await database.Read(sql => sql.Query(
            $"SELECT id, url FROM uploads WHERE (caller_id = @caller OR caller_id = @payer) AND (url IN ({string.Join(", ", names)}) OR id IN "
                + $"({string.Join(", ", ids)}))",
            row => (Id: row.GetString(0), Url: row.GetString(1)),
            [
                ("@caller", callerId), ("@payer", payerId),
                .. names.Zip(urls, (name, url) => (name, (object?)url)),
                .. ids.Zip(urls, (name, url) => (name, (object?)(KlingProxy.Uploads.Upload.IdIn(url) ?? ""))),
            ]));
        return urls.Distinct()
            .Select(sent => (Sent: sent, Kept: own.FirstOrDefault(upload => upload.Url == sent || upload.Id == KlingProxy.Uploads.Upload.IdIn(sent)).Url))
            .Where(pair => pair.Kept is not null)
            .ToDictionary(pair => pair.Sent, pair => pair.Kept, StringComparer.Ordinal);
    }

    private static Upload Upload(DbDataReader row) => new(
        row.GetString(0), new CallerId(row.GetString(1)), row.GetString(2), row.GetString(3), (int)row.GetInt64(4), (int)row.GetInt64(5), row.GetInt64(6),
        row.GetString(7), row.Time(8))
    {
        ReusableUntil = row.TimeOrNull(9),
    };
}
