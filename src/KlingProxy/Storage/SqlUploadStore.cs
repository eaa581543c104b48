using System.Data.Common;

using KlingProxy.Budget;
using KlingProxy.Uploads;

namespace KlingProxy.Storage;

internal sealed class SqlUploadStore(ISqlDatabase database) : IUploadStore, IOwnImages
{
    private const string Columns = "id, caller_id, url, content_type, width, height, bytes, sha256, created_at";

    public Task Add(Upload upload, CancellationToken cancel) => database.Write(sql => sql.Execute(
        $"INSERT INTO uploads ({Columns}) VALUES (@id, @caller, @url, @type, @width, @height, @bytes, @sha256, @created)",
        ("@id", upload.Id), ("@caller", upload.CallerId), ("@url", upload.Url), ("@type", upload.ContentType),
        ("@width", (long)upload.Width), ("@height", (long)upload.Height), ("@bytes", upload.Bytes), ("@sha256", upload.Sha256), ("@created", Column.Of(upload.CreatedAt))));

    public Task<Upload?> Find(string callerId, string id, CancellationToken cancel) => database.Read(async sql => (await sql.Query(
        $"SELECT {Columns} FROM uploads WHERE id = @id AND caller_id = @caller", Upload, ("@id", id), ("@caller", callerId))).FirstOrDefault());

    public Task<bool> Delete(string callerId, string id, CancellationToken cancel) => database.Write(async sql => await sql.Execute(
        "DELETE FROM uploads WHERE id = @id AND caller_id = @caller", ("@id", id), ("@caller", callerId)) > 0);

    public async Task<IReadOnlySet<string>> Among(string callerId, IReadOnlyList<string> urls, CancellationToken cancel)
    {
        if (urls.Count == 0)
            return new HashSet<string>();

        var names = urls.Select((_, index) => $"@url{index}").ToList();
        var own = await database.Read(sql => sql.Query(
            $"SELECT url FROM uploads WHERE caller_id = @caller AND url IN ({string.Join(", ", names)})",
            row => row.GetString(0),
            [("@caller", callerId), .. names.Zip(urls, (name, url) => (name, (object?)url))]));
        return own.ToHashSet(StringComparer.Ordinal);
    }

    private static Upload Upload(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetInt32(5), row.GetInt64(6), row.GetString(7), row.Time(8));
}
