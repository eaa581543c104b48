using System.Data.Common;

using KlingProxy.Access.Audit;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;

namespace KlingProxy.Storage.Stores;

internal sealed class SqlAttentionStore(ISqlDatabase database) : IAttentionStore
{
    private const string Columns = "request_id, job_id, reason, model, units, video_url, at";

    /// <summary>No other note has this reason: what still runs cannot be deleted.</summary>
    private const string IsExpected = "reason = 'no-verdict'";

    public Task<bool> Add(AttentionNote note) => database.Write(sql => Add(sql, note));

    /// <summary>The same within a transaction.</summary>
    public static async Task<bool> Add(SqlSession sql, AttentionNote note)
    {
        await sql.Execute($"DELETE FROM attention_notes WHERE request_id = @request AND {IsExpected}", ("@request", note.RequestId));
        var isFirst = (await sql.Query("SELECT 1 FROM attention_notes WHERE request_id = @request", _ => true, ("@request", note.RequestId))).Count == 0;
        await sql.Execute(
            $"""
            INSERT INTO attention_notes ({Columns}) VALUES (@request, @job, @reason, @model, @units, @video, @at)
            ON CONFLICT (request_id) DO UPDATE SET units = COALESCE(excluded.units, attention_notes.units),
                video_url = COALESCE(excluded.video_url, attention_notes.video_url)
            """,
            ("@request", note.RequestId), ("@job", note.JobId), ("@reason", note.Reason.Word), ("@model", note.Model), ("@units", note.Units),
            ("@video", note.VideoUrl),
            ("@at", Column.Of(note.At)));
        return isFirst;
    }

    /// <summary>A job that a person declared over is deleted: its end is booked, but not by fal, who may tell yet what it billed. Seen, until then.</summary>
    public static Task<int> Expect(SqlSession sql, FalRequestId requestId, Job job) => sql.Execute(
        $"INSERT INTO attention_notes ({Columns}, acknowledged_at) VALUES (@request, @job, @reason, @model, NULL, NULL, @at, @at) "
            + "ON CONFLICT (request_id) DO NOTHING",
        ("@request", requestId), ("@job", job.Id), ("@reason", AttentionReason.NoVerdict.Word), ("@model", job.Model),
        ("@at", Column.Of(job.EndedAt ?? job.CreatedAt)));

    public Task<bool> IsBooked(JobId jobId, FalRequestId requestId, CancellationToken cancel) => database.Read(async sql => (await sql.Query(
        $"""
        SELECT 1 FROM ledger WHERE job_id = @job AND request_id = @request
        AND NOT EXISTS (SELECT 1 FROM attention_notes WHERE request_id = @request AND units IS NULL AND (acknowledged_at IS NULL OR {IsExpected}))
        """,
        _ => true, ("@job", jobId), ("@request", requestId))).Count > 0);

    public Task<IReadOnlyList<AttentionNote>> Open(int limit, KeysetCursor? before, CancellationToken cancel) => database.Read(async sql =>
        (IReadOnlyList<AttentionNote>)await sql.Query(
            $"""
            SELECT {Columns} FROM attention_notes
            WHERE COALESCE(acknowledged_at, 0) < 1 AND (at, job_id) < (@at, @id)
            ORDER BY at DESC, job_id DESC LIMIT @limit
            """,
            Note, ("@at", Column.Of(before?.At ?? DateTimeOffset.MaxValue)), ("@id", before?.Id ?? ""), ("@limit", (long)limit)));

    public Task<IReadOnlyList<(AttentionNote Note, DateTimeOffset? SeenAt)>> Of(JobId jobId, CancellationToken cancel) => database.Read(async sql =>
        (IReadOnlyList<(AttentionNote, DateTimeOffset?)>)[.. (await OfJob(sql, jobId)).OrderBy(note => note.Note.At)]);

    public Task<AttentionNote?> Acknowledge(JobId jobId, DateTimeOffset now, OperatorAct? act = null) => database.Write(async sql =>
    {
        var notes = await OfJob(sql, jobId);
        await sql.Execute("UPDATE attention_notes SET acknowledged_at = COALESCE(acknowledged_at, @now) WHERE job_id = @job", ("@now", Column.Of(now)),
            ("@job", jobId));
        var newest = notes.Where(note => note.SeenAt is null).Select(note => note.Note).MaxBy(note => note.At);
        if (newest is not null)
            await SqlAuditStore.Add(sql, act);
        return newest;
    });

    private static Task<List<(AttentionNote Note, DateTimeOffset? SeenAt)>> OfJob(SqlSession sql, JobId jobId) => sql.Query(
        $"SELECT {Columns}, acknowledged_at FROM attention_notes WHERE job_id = @job", row => (Note(row), row.TimeOrNull(7)), ("@job", jobId));

    private static AttentionNote Note(DbDataReader row) => new(
        new FalRequestId(row.GetString(0)), new JobId(row.GetString(1)), AttentionReasons.Parse(row.GetString(2)), row.TextOrNull(3), row.TextOrNull(4),
            row.TextOrNull(5), row.Time(6));
}
