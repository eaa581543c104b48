using KlingProxy.Ids;
using KlingProxy.Storage;
using KlingProxy.Uploads.Keeping;

namespace KlingProxy.Uploads.Stores;

/// <summary>Counted in the one transaction in which nobody else writes, so a hundred uploads at once fit into a quota as they would one by one.</summary>
internal sealed class SqlUploadUse(ISqlDatabase database) : IUploadUse
{
    /// <summary>
    /// Old rows that a new one takes with it: more than one, so that they become fewer, and few, so that no first upload of a day waits for all of them.
    /// </summary>
    private const long Swept = 8;

    public Task<UploadUse> Of(CallerId callerId, DateOnly day, CancellationToken cancel) => database.Read(sql => Of(sql, callerId, day));

    public Task<UploadUse?> Take(CallerId callerId, DateOnly day, long bytes, UploadQuota quota) => database.Write(async sql =>
    {
        await Sweep(sql, day.AddDays(-1)); // clocks of replicas differ
        var use = await Of(sql, callerId, day);
        if (quota.IsFullFor(use, bytes))
            return use;
        await sql.Execute(
            """
            INSERT INTO upload_use (caller_id, day, uploads, bytes) VALUES (@caller, @day, 1, @bytes)
            ON CONFLICT (day, caller_id) DO UPDATE SET uploads = upload_use.uploads + 1, bytes = upload_use.bytes + @bytes
            """,
            ("@caller", callerId), ("@day", Column.Of(day)), ("@bytes", bytes));
        return null;
    });

    public Task GiveBack(CallerId callerId, DateOnly day, long bytes) => database.Write(sql => sql.Execute(
        "UPDATE upload_use SET uploads = uploads - 1, bytes = bytes - @bytes WHERE day = @day AND caller_id = @caller",
        ("@caller", callerId), ("@day", Column.Of(day)), ("@bytes", bytes)));

    private static async Task Sweep(SqlSession sql, DateOnly before)
    {
        var old = await sql.Query("SELECT day, caller_id FROM upload_use WHERE day < @day ORDER BY day LIMIT @limit",
            row => (Day: row.Day(0), Caller: row.GetString(1)),
            ("@day", Column.Of(before)), ("@limit", Swept));
        foreach (var (day, caller) in old)
            await sql.Execute("DELETE FROM upload_use WHERE day = @day AND caller_id = @caller", ("@day", Column.Of(day)), ("@caller", caller));
    }

    private static async Task<UploadUse> Of(SqlSession sql, CallerId callerId, DateOnly day) => (await sql.Query(
        "SELECT uploads, bytes FROM upload_use WHERE day = @day AND caller_id = @caller",
        row => new UploadUse(row.GetInt64(0), row.GetInt64(1)),
        ("@caller", callerId), ("@day", Column.Of(day)))).FirstOrDefault() ?? new UploadUse(0, 0);
}
